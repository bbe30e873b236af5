import type { Size } from '../image/resize.js';

/**
 * A mask as lengths of runs, by columns from the left, each from the top: of pixels outside, then inside, then outside, ...; the first may be 0.
 *
 * @source COCO's format; pycocotools' maskApi
 */
export interface Rle extends Size {
  counts: Uint32Array;
}

/** Runs of a mask `[height, width]` by rows; what is not 0 lies inside. */
export function encodeMask(mask: ArrayLike<number>, { width, height }: Size): Rle {
  const counts: number[] = [];
  let [inside, run] = [false, 0];
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      if ((mask[y * width + x] !== 0) !== inside) {
        counts.push(run);
        run = 0;
        inside = !inside;
      }
      run++;
    }
  }
  counts.push(run);
  return { width, height, counts: Uint32Array.from(counts) };
}

/** The mask, `[height, width]` by rows: 1 inside, else 0. */
export function decodeMask({ width, height, counts }: Rle): Uint8Array {
  const mask = new Uint8Array(width * height);
  let at = 0;
  counts.forEach((run, i) => {
    const end = at + run;
    if (i % 2 === 0) at = end;
    else for (; at < end; at++) mask[(at % height) * width + Math.floor(at / height)] = 1;
  });
  return mask;
}

/** Pixels inside. */
export function rleArea({ counts }: Rle): number {
  let area = 0;
  for (let i = 1; i < counts.length; i += 2) area += counts[i]!;
  return area;
}

/** The smallest box around what lies inside: x, y, width, height in whole pixels; all 0 where nothing does. */
export function rleBox({ width, height, counts }: Rle): [x: number, y: number, width: number, height: number] {
  let [left, top, right, bottom, at] = [width, height, -1, -1, 0];
  counts.forEach((run, i) => {
    if (i % 2 === 1 && run > 0) {
      const [first, last] = [at, at + run - 1];
      const [from, to] = [Math.floor(first / height), Math.floor(last / height)];
      left = Math.min(left, from);
      right = Math.max(right, to);
      // A run that goes on in the next column touches the bottom of one and the top of the other.
      top = Math.min(top, from < to ? 0 : first % height);
      bottom = Math.max(bottom, from < to ? height - 1 : last % height);
    }
    at += run;
  });
  return right < 0 ? [0, 0, 0, 0] : [left, top, right - left + 1, bottom - top + 1];
}

/** Goes through two masks of one size at once: how many pixels follow each other that lie inside or outside of each. */
export function eachRun(a: Rle, b: Rle, visit: (length: number, inA: boolean, inB: boolean) => void): void {
  let [i, j, restA, restB] = [0, 0, a.counts[0] ?? 0, b.counts[0] ?? 0];
  for (;;) {
    while (restA === 0 && i + 1 < a.counts.length) restA = a.counts[++i]!;
    while (restB === 0 && j + 1 < b.counts.length) restB = b.counts[++j]!;
    const length = Math.min(restA, restB);
    if (length === 0) return;
    visit(length, i % 2 === 1, j % 2 === 1);
    restA -= length;
    restB -= length;
  }
}

/** What lies inside of any of the masks, or of all of them. @param masks of one size, at least one */
export function mergeRles(masks: readonly Rle[], of: 'any' | 'all' = 'any'): Rle {
  return masks.reduce((sum, mask) => {
    const counts: number[] = [];
    let [inside, run] = [false, 0];
    eachRun(sum, mask, (length, inA, inB) => {
      if ((of === 'any' ? inA || inB : inA && inB) !== inside) {
        counts.push(run);
        run = 0;
        inside = !inside;
      }
      run += length;
    });
    counts.push(run);
    return { width: sum.width, height: sum.height, counts: Uint32Array.from(counts) };
  });
}
