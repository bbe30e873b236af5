import { distortions } from '../registry.js';
import type { Scale } from '../scale.js';
import type { Step } from '../step.js';
import { FREQUENCIES } from './block-dct.js';
import { ijgTables } from './ijg.js';
import { parseSize, type Size } from './resolution.js';

/** Mean of the 15 lowest alternating luminance steps, 1..255, in units of what it is at quality 10. */
function meanStep(quality: number): number {
  const { luminance } = ijgTables(Math.min(100, Math.max(1, Math.round(quality))));
  return FREQUENCIES.reduce((sum, position) => sum + luminance[position]!, 0) / FREQUENCIES.length;
}
const STEP_UNIT = meanStep(10);

/** A factor darker than this counts as this: there is no picture left to tell apart. */
const DARKEST = 1 / 256;

/** Half the width and half the height together are 1. */
const SIDE = 0.5;

const pairwise = (combine: (a: number, b: number) => number) => (first: number[], second: number[]) =>
  first.map((value, i) => combine(value, second[i]!));

/** Every kind whose value can be read from a frame, one entry each, and every other that has a scale. */
export const scales: readonly Scale[] = [
  {
    // Quality is no measure of harm: from 10 to 5 much is lost, from 90 to 85 hardly anything. The error of a coefficient grows
    // with its quantization step, so the steps are compared. Of two compressions the coarser remains.
    kind: 'jpeg',
    point: (value) => (typeof value === 'number' ? [meanStep(value) / STEP_UNIT] : undefined),
    clean: [meanStep(100) / STEP_UNIT],
    both: pairwise(Math.max),
  },
  {
    // Half as bright and twice as bright are equally far from as it was; two factors multiply.
    kind: 'brightness',
    point: (value) => (typeof value === 'number' ? [Math.log2(Math.max(DARKEST, value))] : undefined),
    clean: [0],
    both: pairwise((a, b) => a + b),
  },
  {
    kind: 'resolution',
    point(value, reference) {
      const size = reference && parseSize(String(value), reference);
      if (!size) return undefined;
      return [Math.log2(size.width / reference.width) * SIDE, Math.log2(size.height / reference.height) * SIDE];
    },
    clean: [0, 0],
    both: pairwise(Math.min),
  },
  ...distortions.flatMap(({ kind, scale }) => (scale ? [{ kind, ...scale }] : [])),
];

/** A level, or what is known of a frame, by kind of distortion: a point where the kind has a scale, else the value. */
export type Place = ReadonlyMap<string, number[] | string>;

/**
 * Where steps lie; steps of one kind are taken together.
 *
 * @param size the undistorted size, which resolutions are compared with
 */
export function placeOf(steps: readonly Step[], size?: Size): Place {
  const place = new Map<string, number[] | string>();
  for (const { kind, value } of steps) {
    const scale = scales.find((one) => one.kind === kind);
    const point = scale?.point(value, size);
    const before = place.get(kind);
    place.set(kind, point && scale && Array.isArray(before) ? scale.both(before, point) : (point ?? String(value)));
  }
  return place;
}

/**
 * How far two places are apart in some kinds; a kind that a place does not name is clean there.
 *
 * @returns Infinity where they differ in a kind without a scale, or in a value that has no point
 */
export function distance(a: Place, b: Place, kinds: Iterable<string>): number {
  let sum = 0;
  for (const kind of kinds) {
    const clean = scales.find((scale) => scale.kind === kind)?.clean;
    const [from, to] = [a.get(kind) ?? clean, b.get(kind) ?? clean];
    if (Array.isArray(from) && Array.isArray(to)) from.forEach((value, i) => (sum += Math.abs(value - to[i]!)));
    else if (from !== to) return Infinity;
  }
  return sum;
}
