import tf from '../../../common/tf.cjs';
import { channelsLast, inOrder } from '../axes.js';
import { sizeOf } from '../tensor-data.js';
import { requireSize, Value } from '../value.js';
import { detached } from './elementwise.js';
import { parts } from './slice.js';
import type { Call, Family } from './op.js';

/** Pictures looked at in any places. */
export const gridSample: Family = {
  GridSample: (call, x, grid) => {
    const [value, places] = [call.need(x, 'X'), call.need(grid, 'grid')];
    const count = value.rank - 2;
    if (places.rank !== value.rank || places.shape.at(-1) !== count || places.shape[0] !== value.shape[0])
      call.refuse(`a grid [${value.shape[0]}, ..., ${count}]`, `[${places.shape}]`);
    requireSize([...places.shape.slice(0, -1), value.shape[1]!]);
    const last = channelsLast(value.rank);
    return Value.of(value.type, sample(call, value.in(last), places.tensor()), last);
  },
};

/** One number on one axis for each tap: which it is, and its share. */
interface Tap {
  place: tf.Tensor;
  share: tf.Tensor | undefined;
}

/**
 * @param x `[batch, ..., channels]`
 * @param grid `[batch, ..., axes]` in -1..1, the last axis of the picture first
 */
function sample(call: Call, x: tf.Tensor, grid: tf.Tensor): tf.Tensor {
  const sides = x.shape.slice(1, -1);
  const out = grid.shape.slice(0, -1);
  const rows = sizeOf(out);
  // In a new list: the engine's tape holds the split's own.
  const coordinates = parts(tf.reshape(grid, [rows, sides.length]), 1).toReversed();
  const taps = coordinates.map((at, i) => tapsOf(call, pixel(call, tf.reshape(at, [rows]), sides[i]!)));
  const channels = x.shape.at(-1)!;
  const flat = tf.reshape(x, [x.size / channels, channels]);
  const perPicture = rows / x.shape[0]!;
  const picture = tf.tensor1d(
    inOrder(rows).map((row) => Math.floor(row / perPicture)),
    'int32',
  );
  const all = taps.reduce<Tap[][]>(
    (combined, axis) => combined.flatMap((one) => axis.map((tap) => [...one, tap])),
    [[]],
  );
  const corners = all.map((corner) => mixed(call, flat, sides, picture, corner));
  return tf.reshape(tf.addN(corners), [...out, channels]);
}

/** Where -1..1 is among the pixels of an axis. */
function pixel(call: Call, at: tf.Tensor, size: number): tf.Tensor {
  const isCentred = call.flag('align_corners');
  return isCentred ? tf.mul(tf.add(at, 1), (size - 1) / 2) : tf.sub(tf.mul(tf.add(at, 1), size / 2), 0.5);
}

function tapsOf(call: Call, at: tf.Tensor): Tap[] {
  const mode = call.text('mode', 'linear');
  // Halves go to the even neighbour, as rint has it.
  if (mode === 'nearest') return [{ place: tf.round(detached(at)), share: undefined }];
  const base = tf.floor(detached(at));
  const rest = tf.sub(at, base);
  const steps = mode === 'cubic' || mode === 'bicubic' ? [-1, 0, 1, 2] : [0, 1];
  return steps.map((step) => {
    const distance = tf.abs(tf.sub(rest, step));
    return { place: tf.add(base, step), share: steps.length === 2 ? tf.sub(1, distance) : cubic(distance, step) };
  });
}

/** @source Keys' kernel with a slope of -0.75, as PyTorch has it; the inner taps lie within 1 of the place, the outer within 2 */
function cubic(d: tf.Tensor, step: number): tf.Tensor {
  const a = -0.75;
  const of = (c3: number, c2: number, c1: number, c0: number): tf.Tensor =>
    tf.add(tf.mul(tf.add(tf.mul(tf.add(tf.mul(d, c3), c2), d), c1), d), c0);
  return step === 0 || step === 1 ? of(a + 2, -(a + 3), 0, 1) : of(a, -5 * a, 8 * a, -4 * a);
}

/** One corner of all places: numbers of pixels times their share; those outside count by the padding mode. */
function mixed(call: Call, flat: tf.Tensor, sides: number[], picture: tf.Tensor, corner: Tap[]): tf.Tensor {
  const mode = call.text('padding_mode', 'zeros');
  let index: tf.Tensor = picture;
  let weight: tf.Tensor | undefined;
  corner.forEach(({ place, share }, i) => {
    const size = sides[i]!;
    const seen = mode === 'reflection' ? reflected(call, place, size) : place;
    const inside = tf.clipByValue(seen, 0, size - 1);
    index = tf.add(tf.mul(index, tf.scalar(size, 'int32')), tf.cast(inside, 'int32'));
    const counts = mode === 'zeros' ? tf.cast(tf.equal(inside, seen), 'float32') : undefined;
    for (const factor of [share, counts]) if (factor) weight = weight ? tf.mul(weight, factor) : factor;
  });
  const taken = tf.gather(flat, index as tf.Tensor1D);
  return weight ? tf.mul(taken, tf.expandDims(weight, 1)) : taken;
}

/** Mirrored to and fro at the outermost pixels, or at their edges. */
function reflected(call: Call, place: tf.Tensor, size: number): tf.Tensor {
  const [low, span] = call.flag('align_corners') ? [0, size - 1] : [-0.5, size];
  if (span === 0) return tf.zerosLike(place);
  const turned = tf.mod(tf.sub(place, low), 2 * span);
  return tf.add(tf.minimum(turned, tf.sub(2 * span, turned)), low);
}
