import { fail } from '../common/errors.js';
import type { Size } from '../image/resize.js';
import { mergeRles, type Rle } from './rle.js';

/** Steps per pixel in which an outline is walked along. */
const FINE = 5;

/** Coordinates beyond it are no pixels of a picture. */
const FARTHEST = 1e6;

/**
 * The mask that outlines enclose: the union of several.
 *
 * @param polygons x, y, x, y, ... of each outline's corners, in pixels
 * @param where whose mask it is, for errors
 * @throws E_DATA_MASK for no outline, one of fewer than three corners, or a coordinate that is none
 * @source pycocotools' `frPyObjects` and `merge`, equal to the pixel
 */
export function rleFromPolygons(polygons: readonly (readonly number[])[], size: Size, where: string): Rle {
  if (polygons.length === 0) failPolygon(where, 'none');
  for (const corners of polygons) {
    if (corners.length < 6 || corners.length % 2 === 1) failPolygon(where, `one of ${corners.length} numbers`);
    const wrong = corners.find((value) => !(Math.abs(value) <= FARTHEST));
    if (wrong !== undefined) failPolygon(where, `the coordinate ${wrong}`);
  }
  return mergeRles(polygons.map((corners) => rleFromPolygon(corners, size)));
}

function failPolygon(where: string, got: string): never {
  const expected = 'polygons [[x, y, x, y, x, y, ...], ...] of at least three corners';
  fail('E_DATA_MASK', { where, expected, got });
}

/** Area within an outline, by its corners: 0 where all lie on a line. */
export function polygonArea(corners: readonly number[]): number {
  let twice = 0;
  for (let i = 0; i < corners.length; i += 2) {
    const j = (i + 2) % corners.length;
    twice += corners[i]! * corners[j + 1]! - corners[j]! * corners[i + 1]!;
  }
  return Math.abs(twice) / 2;
}

/** The runs between all places where an outline enters or leaves a column of pixels. */
function rleFromPolygon(corners: readonly number[], { width, height }: Size): Rle {
  const crossings: number[] = [];
  let last: [number, number] | undefined;
  walk(corners, (x, y) => {
    if (last && last[0] !== x) {
      const column = ((x < last[0] ? x : x - 1) + 0.5) / FINE - 0.5;
      if (Number.isInteger(column) && column >= 0 && column <= width - 1) {
        const row = (Math.min(y, last[1]) + 0.5) / FINE - 0.5;
        crossings.push(column * height + Math.ceil(Math.min(Math.max(row, 0), height)));
      }
    }
    last = [x, y];
  });
  const ends = Float64Array.from([...crossings, width * height]).sort();
  const runs = ends.map((end, i) => end - (i === 0 ? 0 : ends[i - 1]!));
  // Two crossings at one place are none: the runs before and behind are one.
  const counts = [runs[0]!];
  for (let i = 1; i < runs.length; i++) {
    if (runs[i]! > 0) counts.push(runs[i]!);
    else if (++i < runs.length) counts[counts.length - 1]! += runs[i]!;
  }
  return { width, height, counts: Uint32Array.from(counts) };
}

/** Visits the points of an outline one by one, on a grid that is {@link FINE} times as fine as the pixels. */
function walk(corners: readonly number[], visit: (x: number, y: number) => void): void {
  const fine = corners.map((value) => Math.trunc(FINE * value + 0.5));
  for (let i = 0; i < fine.length; i += 2) {
    const j = (i + 2) % fine.length;
    const [x0, y0, x1, y1] = [fine[i]!, fine[i + 1]!, fine[j]!, fine[j + 1]!];
    const [across, down] = [Math.abs(x1 - x0), Math.abs(y1 - y0)];
    const steps = Math.max(across, down);
    const isFlat = across >= down;
    // Points of an edge are those of the edge walked the other way, so that two objects that share one leave no gap.
    const isBack = isFlat ? x0 > x1 : y0 > y1;
    const [fromX, fromY, toX, toY] = isBack ? [x1, y1, x0, y0] : [x0, y0, x1, y1];
    const slope = steps === 0 ? 0 : isFlat ? (toY - fromY) / across : (toX - fromX) / down;
    for (let step = 0; step <= steps; step++) {
      const t = isBack ? steps - step : step;
      if (isFlat) visit(fromX + t, Math.trunc(fromY + slope * t + 0.5));
      else visit(Math.trunc(fromX + slope * t + 0.5), fromY + t);
    }
  }
}
