import tf from '../common/tf.cjs';
import { pad } from './pad.js';
import { aroundAxis, sizeOf } from './shapes.js';
import { stridedSlice } from './strided-slice.js';

/** A window over neighbouring axes: each list has one entry per axis. */
export interface PoolOptions {
  size: number[];
  /** From one window to the next. Default: 1. */
  strides?: number[];
  /** From one value of a window to the next. Default: 1. */
  dilations?: number[];
  /** `[before, behind]`, none of which fills a window alone. Default: none. */
  pads?: [number, number][];
  /** A window that reaches beyond the end counts, unless it begins there. Default: false. */
  ceil?: boolean;
  /** The first of the axes. Default: 1, behind the batch. */
  axis?: number;
}

export interface AveragePoolOptions extends PoolOptions {
  /** The mean is over the padding too, though never over what `ceil` added. Default: false. */
  countPadding?: boolean;
}

/**
 * The largest value in each window.
 *
 * @param x `[batch, ...spatial, channels]`, or other axes before and behind the pooled ones
 * @returns `floor((length + before + behind - dilation (size - 1) - 1) / stride) + 1` along each, or `ceil`; differentiable: of equal
 *   values in two axes the first takes the gradient
 * @source ONNX, MaxPool
 */
export function maxPoolPadded(x: tf.Tensor, options: PoolOptions): tf.Tensor {
  return overPairs(x, windowsOf(x, options), (image, pair) => {
    const padded = padWindows(image, pair, -Infinity);
    if (isDilated(pair)) return tapsOf(padded, pair).reduce((a, b) => tf.maximum(a, b));
    return tf.maxPool(padded, sizesOf(pair), stridesOf(pair), 'valid');
  });
}

/**
 * The mean of each window.
 *
 * @param x `[batch, ...spatial, channels]`, or other axes before and behind the pooled ones
 * @returns sizes as for {@link maxPoolPadded}; differentiable
 * @source ONNX, AveragePool
 */
export function averagePoolPadded(x: tf.Tensor, options: AveragePoolOptions): tf.Tensor {
  return overPairs(x, windowsOf(x, options), (image, pair) => {
    const padded = padWindows(image, pair, 0);
    const area = pair[0].size * pair[1].size;
    const mean = isDilated(pair)
      ? tf.div(tf.addN(tapsOf(padded, pair)), area)
      : tf.avgPool(padded, sizesOf(pair), stridesOf(pair), 'valid');
    const [rows, columns] = pair.map((window) => countsOf(window, options.countPadding ?? false)) as [
      number[],
      number[],
    ];
    if (rows.every((count) => count === pair[0].size) && columns.every((count) => count === pair[1].size)) return mean;
    const shares = rows.flatMap((row) => columns.map((column) => area / (row * column)));
    return tf.mul(mean, tf.tensor4d(shares, [1, rows.length, columns.length, 1]));
  });
}

/** The window of one axis, and what it makes of it. */
interface Window {
  size: number;
  stride: number;
  dilation: number;
  pads: [number, number];
  length: number;
  outputs: number;
}

function windowsOf(x: tf.Tensor, options: PoolOptions): { windows: Window[]; axis: number } {
  const { axis = 1, ceil = false } = options;
  const windows = options.size.map((size, i): Window => {
    const stride = options.strides?.[i] ?? 1;
    const dilation = options.dilations?.[i] ?? 1;
    const pads = options.pads?.[i] ?? [0, 0];
    const length = x.shape[axis + i]!;
    const room = (length + pads[0] + pads[1] - dilation * (size - 1) - 1) / stride;
    const all = (ceil ? Math.ceil(room) : Math.floor(room)) + 1;
    const beginsBeyond = ceil && (all - 1) * stride >= length + pads[0];
    return { size, stride, dilation, pads, length, outputs: beginsBeyond ? all - 1 : all };
  });
  return { windows, axis };
}

type Pair = [Window, Window];
const WHOLE: Window = { size: 1, stride: 1, dilation: 1, pads: [0, 0], length: 1, outputs: 1 };

/** Pools two axes at a time, as images `[before, rows, columns, after]`: the largest of the largest, and the mean of means, are those of all. */
function overPairs(
  x: tf.Tensor,
  { windows, axis }: { windows: Window[]; axis: number },
  pool: (image: tf.Tensor4D, pair: Pair) => tf.Tensor,
): tf.Tensor {
  return tf.tidy(() => {
    let y = x;
    for (let i = 0; i < windows.length; i += 2) {
      const [first, second] = [windows[i]!, windows[i + 1]];
      const behind = axis + i + (second ? 2 : 1);
      const [before, rows] = aroundAxis(y.shape, axis + i);
      const image = tf.reshape(y, [before, rows, second?.length ?? 1, sizeOf(y.shape.slice(behind))]) as tf.Tensor4D;
      const outputs = second ? [first.outputs, second.outputs] : [first.outputs];
      const shape = [...y.shape.slice(0, axis + i), ...outputs, ...y.shape.slice(behind)];
      y = tf.reshape(pool(image, [first, second ?? WHOLE]), shape);
    }
    return y;
  });
}

/** At least up to the end of the last window. */
function padWindows(image: tf.Tensor4D, pair: Pair, value: number): tf.Tensor4D {
  const sides = pair.map(({ size, stride, dilation, pads, length, outputs }): [number, number] => {
    const reach = (outputs - 1) * stride + dilation * (size - 1) + 1;
    return [pads[0], Math.max(pads[1], reach - length - pads[0])];
  });
  return pad(image, [[0, 0], ...sides, [0, 0]], 'constant', value) as tf.Tensor4D;
}

/** For each place in a window, the values there of all windows. */
function tapsOf(padded: tf.Tensor4D, [tall, wide]: Pair): tf.Tensor4D[] {
  const taps: tf.Tensor4D[] = [];
  for (let y = 0; y < tall.size; y++)
    for (let x = 0; x < wide.size; x++) {
      const starts = [y * tall.dilation, x * wide.dilation] as const;
      const ends = [starts[0] + (tall.outputs - 1) * tall.stride + 1, starts[1] + (wide.outputs - 1) * wide.stride + 1];
      const options = { axes: [1, 2], steps: [tall.stride, wide.stride] };
      taps.push(stridedSlice(padded, [...starts], ends, options) as tf.Tensor4D);
    }
  return taps;
}

/** Over how many values each window's mean is. */
function countsOf({ size, stride, dilation, pads, length, outputs }: Window, countPadding: boolean): number[] {
  const [low, high] = countPadding ? [-pads[0], length + pads[1]] : [0, length];
  return Array.from({ length: outputs }, (_, i) => {
    const places = Array.from({ length: size }, (_unused, tap) => i * stride - pads[0] + tap * dilation);
    return places.filter((place) => place >= low && place < high).length;
  });
}

const isDilated = ([a, b]: Pair): boolean => a.dilation * b.dilation > 1;
const sizesOf = ([a, b]: Pair): [number, number] => [a.size, b.size];
const stridesOf = ([a, b]: Pair): [number, number] => [a.stride, b.stride];
