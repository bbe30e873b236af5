import { inOrder } from '../axes.js';
import type { Call } from './op.js';

/** One axis that is resized. */
export interface Coordinates {
  size: number;
  out: number;
  /** Of the sizes, as the file says it: `out` is rounded. */
  factor: number;
  /** Start and end of the part that is looked at, as shares of the axis. */
  region?: [number, number];
}

/** Numbers of an axis made of others: each one of them, or a mixture. */
export type Interpolation = ({ places: Int32Array } | { weights: Float32Array; out: number }) & {
  /** 1 for each output that lies inside the input, 0 for one that is `value` instead. */
  outside?: { inside: Float32Array; value: number };
};

/**
 * What each output of a resized axis is made of.
 *
 * @source ONNX's Resize: its modes, transformations of coordinates and rounding
 */
export function interpolation(call: Call, along: Coordinates): Interpolation {
  const mode = call.text('mode', 'nearest');
  const transform = call.opset < 11 ? 'asymmetric' : call.text('coordinate_transformation_mode', 'half_pixel');
  const place = PLACES[transform] ?? call.refuse(`one of ${Object.keys(PLACES).join(', ')}`, transform);
  const points = inOrder(along.out).map((i) => place(i, along));
  const outside = transform === 'tf_crop_and_resize' ? beyond(call, points, along.size) : undefined;
  if (mode === 'nearest') return { places: nearest(call, points, along.size), outside };
  if (mode !== 'linear' && mode !== 'cubic') call.refuse('the mode nearest, linear or cubic', mode);
  const a = call.float('cubic_coeff_a', -0.75);
  const kernel = mode === 'linear' ? (d: number) => Math.max(0, 1 - d) : (d: number) => cubic(d, a);
  const narrowing = call.flag('antialias') ? Math.min(1, along.factor) : 1;
  const reach = Math.ceil((mode === 'linear' ? 1 : 2) / narrowing);
  const weights = new Float32Array(along.out * along.size);
  points.forEach((point, i) => {
    const base = Math.floor(point);
    const taps = inOrder(2 * reach).map((k) => base - reach + 1 + k);
    const shares = taps.map((tap) =>
      call.flag('exclude_outside') && (tap < 0 || tap >= along.size) ? 0 : kernel(Math.abs(tap - point) * narrowing),
    );
    const sum = shares.reduce((total, share) => total + share, 0);
    // Beyond the border the last number goes on.
    taps.forEach(
      (tap, k) => (weights[i * along.size + Math.min(along.size - 1, Math.max(0, tap))]! += shares[k]! / sum),
    );
  });
  return { weights, out: along.out, outside };
}

/** Where in the input an output lies. */
const PLACES: Record<string, (i: number, along: Coordinates) => number> = {
  half_pixel: (i, { factor }) => (i + 0.5) / factor - 0.5,
  half_pixel_symmetric: (i, { factor, size, out }) =>
    (size / 2) * (1 - out / (factor * size)) + (i + 0.5) / factor - 0.5,
  pytorch_half_pixel: (i, { factor, out }) => (out > 1 ? (i + 0.5) / factor - 0.5 : 0),
  align_corners: (i, { size, factor, out }) => (out === 1 ? 0 : (i * (size - 1)) / (size * factor - 1)),
  asymmetric: (i, { factor }) => i / factor,
  tf_half_pixel_for_nn: (i, { factor }) => (i + 0.5) / factor,
  tf_crop_and_resize: (i, { size, out, region = [0, 1] }) => {
    const [start, end] = region;
    return out > 1
      ? start * (size - 1) + (i * (end - start) * (size - 1)) / (out - 1)
      : 0.5 * (start + end) * (size - 1);
  },
};

const ROUNDED: Record<string, (point: number) => number> = {
  round_prefer_floor: (point) => Math.ceil(point - 0.5),
  round_prefer_ceil: (point) => Math.floor(point + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
  simple: Math.trunc,
};

function nearest(call: Call, points: number[], size: number): Int32Array {
  const mode = call.opset < 11 ? 'floor' : call.text('nearest_mode', 'round_prefer_floor');
  const round = ROUNDED[mode] ?? call.refuse(`one of ${Object.keys(ROUNDED).join(', ')}`, mode);
  return Int32Array.from(points, (point) => Math.min(size - 1, Math.max(0, round(point))));
}

function beyond(call: Call, points: number[], size: number): Interpolation['outside'] {
  const inside = Float32Array.from(points, (point) => Number(point >= 0 && point <= size - 1));
  return inside.includes(0) ? { inside, value: call.float('extrapolation_value', 0) } : undefined;
}

/** @source Keys, Cubic convolution interpolation for digital image processing, 1981 */
function cubic(d: number, a: number): number {
  if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}
