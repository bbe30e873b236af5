import tf from '../common/tf.cjs';
import { fail } from '../common/errors.js';
import { aroundAxis } from './shapes.js';
import { imageKernel } from './resize-kernels.js';
import { nearestPlaces, resizeWeights, type Interpolation, type ResizedAxis } from './resize-weights.js';

export interface ResizeOptions extends Interpolation {
  /** The factor per axis that was asked for, where the sizes are its rounded result. Default: the quotients of the sizes. */
  scales?: (number | undefined)[];
}

/**
 * Resizes any axes of a tensor. What TensorFlow's own two kernels do is left to them, as they are the fastest; they take neighbouring axes,
 * linear and nearest, at the quotients of the sizes. All else goes axis by axis, since every way of it is separable: nearest as a gather, the
 * others as a product with the matrix of how much of each input an output takes. The gradients of all are exact.
 *
 * @param x `[...]`, any rank; of whole numbers for `nearest` alone
 * @param sizes of the result, one per axis of `x`; axes that keep their size and have no other scale than 1 stay as they are
 * @returns a tensor of these sizes; differentiable
 * @throws E_SHAPE where `sizes` or `scales` do not fit the rank of `x`
 * @source ONNX, Resize
 */
export function resize(x: tf.Tensor, sizes: number[], options: ResizeOptions): tf.Tensor {
  const { scales = [] } = options;
  if (sizes.length !== x.rank || (scales.length > 0 && scales.length !== x.rank))
    fail('E_SHAPE', {
      where: 'resize',
      expected: `${x.rank} sizes, and as many scales or none`,
      got: `${sizes.length} and ${scales.length}`,
    });
  return tf.tidy(() => {
    const changed = sizes.flatMap((size, axis) => {
      const resized: ResizedAxis = { from: x.shape[axis]!, size, scale: scales[axis] };
      return size === resized.from && (resized.scale ?? 1) === 1 ? [] : [{ axis, resized }];
    });
    // What shrinks goes first: the others then have less to do.
    changed.sort((a, b) => a.resized.size / a.resized.from - b.resized.size / b.resized.from);
    if (changed.length === 0) return tf.clone(x);
    const image = resizeAsImage(x, sizes, changed, options);
    if (image) return image;
    return changed.reduce((y, { axis, resized }) => resizeAxis(y, axis, resized, options), x);
  });
}

interface Change {
  axis: number;
  resized: ResizedAxis;
}

/** By a kernel for images `[before, height, width, after]`; null where none does what is asked. */
function resizeAsImage(x: tf.Tensor, sizes: number[], changed: Change[], options: Interpolation): tf.Tensor | null {
  const axes = changed.map(({ axis }) => axis);
  const first = Math.max(0, Math.min(...axes, x.rank - 2));
  // The wasm engine's kernels make floats of whole numbers.
  if (x.dtype !== 'float32' || x.rank < 2 || Math.max(...axes) > first + 1) return null;
  const [before, height] = aroundAxis(x.shape, first);
  const [, width, after] = aroundAxis(x.shape, first + 1);
  const run = imageKernel(changed.map(({ resized }) => resized), options); // prettier-ignore
  if (!run) return null;
  const image = tf.reshape(x, [before, height, width, after]) as tf.Tensor4D;
  return tf.reshape(run(image, [sizes[first]!, sizes[first + 1]!]), sizes);
}

function resizeAxis(x: tf.Tensor, axis: number, resized: ResizedAxis, options: Interpolation): tf.Tensor {
  if (options.mode === 'nearest') return tf.gather(x, tf.tensor1d(nearestPlaces(resized, options), 'int32'), axis);
  return mapAxis(x, axis, tf.tensor2d(resizeWeights(resized, options), [resized.size, resized.from]));
}

/** Multiplies an axis by a matrix `[size, from]`, or by its transpose. */
export function mapAxis(x: tf.Tensor, axis: number, matrix: tf.Tensor2D, transposed = false): tf.Tensor {
  const [before, from, after] = aroundAxis(x.shape, axis);
  const shape = [...x.shape];
  shape[axis] = matrix.shape[transposed ? 1 : 0];
  if (after === 1) return tf.reshape(tf.matMul(tf.reshape(x, [before, from]), matrix, false, !transposed), shape);
  // One matrix for all: a product takes it as often as it is needed without a copy.
  const product = tf.matMul(tf.expandDims(matrix, 0), tf.reshape(x, [before, from, after]), transposed);
  return tf.reshape(product, shape);
}
