import tf from '../common/tf.cjs';
import { fail } from '../common/errors.js';
import { nativeBackend } from '../engine/native.js';
import { sizeOf } from './shapes.js';

/** What becomes of a value that is scattered to: replaced, or combined with all updates of its place. */
export type Reduction = 'none' | 'add' | 'mul' | 'min' | 'max';

/** Values that all updates of a product, minimum or maximum may be compared with at once. */
const MOST_PAIRS = 2 ** 26;

/**
 * Takes slices by their places.
 *
 * @param x `[...batch, ...places, ...slice]`
 * @param indices `[...batch, ..., depth]` int32: places in the `depth` axes of `x` behind the batch; negative ones count from the end
 * @returns `[...batch, ..., ...slice]`; differentiable in `x`, where a place taken twice has both gradients
 * @source ONNX, GatherND
 */
export function gatherNd(x: tf.Tensor, indices: tf.Tensor, batchDims = 0): tf.Tensor {
  return tf.tidy(() => {
    const depth = indices.shape[indices.rank - 1]!;
    const batch = x.shape.slice(0, batchDims);
    const rest = x.shape.slice(batchDims + depth);
    const rows = indices.shape.slice(0, -1);
    const places = flatPlaces(indices, x.shape.slice(batchDims, batchDims + depth));
    const [count, size] = [sizeOf(batch), sizeOf(x.shape.slice(batchDims, batchDims + depth))];
    const starts = tf.reshape(tf.range(0, Math.max(1, count * size), Math.max(1, size), 'int32'), [count, 1]);
    const all = tf.reshape(tf.add(tf.reshape(places, [count, -1]), starts), [-1]);
    return tf.reshape(tf.gather(tf.reshape(x, [count * size, sizeOf(rest)]), all), [...rows, ...rest]);
  });
}

/**
 * A copy of `x` with slices replaced, or combined with others.
 *
 * @param x `[...places, ...slice]`
 * @param indices `[..., depth]` int32: places in the first `depth` axes; negative ones count from the end. With `none` no place twice
 * @param updates `[..., ...slice]`
 * @returns like `x`; differentiable in `x` and `updates`
 * @throws E_SHAPE where a product, minimum or maximum would compare more than 2^26 values
 * @source ONNX, ScatterND
 */
export function scatterNd(
  x: tf.Tensor,
  indices: tf.Tensor,
  updates: tf.Tensor,
  reduction: Reduction = 'none',
): tf.Tensor {
  return tf.tidy(() => {
    const depth = indices.shape[indices.rank - 1]!;
    const size = sizeOf(x.shape.slice(0, depth));
    const width = sizeOf(x.shape.slice(depth));
    const places = flatPlaces(indices, x.shape.slice(0, depth));
    const rows = tf.reshape(x, [size, width]);
    const given = tf.reshape(updates, [places.size, width]);
    return tf.reshape(scatterRows(rows, places, given, reduction), x.shape);
  });
}

/**
 * Takes one value per position: `y[i, j] = x[indices[i, j], j]` for axis 0, and so on.
 *
 * @param indices int32, of the rank of `x`, no longer than it along the other axes; negative ones count from the end
 * @returns like `indices`; differentiable in `x`
 * @source ONNX, GatherElements; torch.gather
 */
export function gatherElements(x: tf.Tensor, indices: tf.Tensor, axis: number): tf.Tensor {
  return tf.tidy(() => tf.reshape(tf.gather(tf.reshape(x, [-1]), elementPlaces(x, indices, axis)), indices.shape));
}

/**
 * Puts one value per position: `y[indices[i, j], j] = updates[i, j]` for axis 0, and so on.
 *
 * @param indices int32, of the rank of `x`; negative ones count from the end
 * @param updates like `indices`
 * @returns like `x`; differentiable in `x` and `updates`
 * @source ONNX, ScatterElements; torch.scatter
 */
export function scatterElements(
  x: tf.Tensor,
  indices: tf.Tensor,
  updates: tf.Tensor,
  axis: number,
  reduction: Reduction = 'none',
): tf.Tensor {
  return tf.tidy(() => {
    const [rows, given] = [tf.reshape(x, [-1, 1]), tf.reshape(updates, [-1, 1])];
    return tf.reshape(scatterRows(rows, elementPlaces(x, indices, axis), given, reduction), x.shape);
  });
}

/** Combines rows of `x [size, width]` at `places [count]` with `updates [count, width]`. */
function scatterRows(x: tf.Tensor, places: tf.Tensor, updates: tf.Tensor, reduction: Reduction): tf.Tensor {
  const [size, width] = x.shape as [number, number];
  const column = tf.reshape(places, [-1, 1]);
  if (reduction === 'add') return tf.add(x, tf.scatterND(column, updates, [size, width]));
  // The cpu engine's kernel writes into its input; a tile is a copy.
  if (reduction === 'none') return tf.tensorScatterUpdate(nativeBackend() ? x : tf.tile(x, [1, 1]), column, updates);
  if (size * updates.size > MOST_PAIRS)
    fail('E_SHAPE', {
      where: `scatter with ${reduction}`,
      expected: `places times updates of at most ${MOST_PAIRS}`,
      got: `${size} places, [${updates.shape}]`,
    });
  // Every place looks at every update, as one may be updated many times: those of other places change nothing.
  const isHere = tf.expandDims(tf.equal(column, tf.range(0, size, 1, 'int32')), 2);
  const largest = x.dtype === 'int32' ? 2 ** 31 - 1 : Infinity;
  const neutral = { mul: 1, min: largest, max: -largest }[reduction];
  const others = tf.fill([updates.shape[0]!, size, width], neutral, x.dtype as 'int32');
  const seen = tf.where(isHere, tf.expandDims(updates, 1), others);
  const all = tf.concat([seen, tf.expandDims(x, 0)], 0);
  return reduction === 'mul' ? tf.prod(all, 0) : reduction === 'min' ? tf.min(all, 0) : tf.max(all, 0);
}

/** Places of `indices [..., depth]` in the flattened axes of `sizes`, `[rows]`. */
function flatPlaces(indices: tf.Tensor, sizes: number[]): tf.Tensor1D {
  const lengths = tf.tensor1d(sizes, 'int32');
  const steps = tf.tensor1d(sizes.map((_, axis) => sizeOf(sizes.slice(axis + 1))), 'int32'); // prettier-ignore
  const rows = tf.reshape(indices, [-1, sizes.length]);
  const positive = tf.where(tf.less(rows, 0), tf.add(rows, lengths), rows);
  return tf.sum(tf.mul(positive, steps), 1);
}

/** Places in the flattened `x` of the values that element-wise positions along an axis mean, `[indices.size]`. */
function elementPlaces(x: tf.Tensor, indices: tf.Tensor, stated: number): tf.Tensor1D {
  const [along] = tf.util.parseAxisParam(stated, x.shape) as [number];
  return indices.shape
    .map((length, axis) => {
      const step = sizeOf(x.shape.slice(axis + 1));
      if (axis !== along) {
        const places = tf.range(0, length * step, step, 'int32');
        return tf.reshape(places, indices.shape.map((_, i) => (i === axis ? length : 1))); // prettier-ignore
      }
      const positive = tf.where(tf.less(indices, 0), tf.add(indices, tf.scalar(x.shape[axis]!, 'int32')), indices);
      return tf.mul(positive, tf.scalar(step, 'int32'));
    })
    .reduce((a: tf.Tensor, b: tf.Tensor) => tf.add(a, b))
    .reshape([-1]);
}
