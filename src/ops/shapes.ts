import tf from '../common/tf.cjs';

/** Product of sizes. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** The axes of a tensor as three: those before `axis`, itself, those behind it. */
export function aroundAxis(shape: readonly number[], axis: number): [number, number, number] {
  return [sizeOf(shape.slice(0, axis)), shape[axis]!, sizeOf(shape.slice(axis + 1))];
}

/** Sums what broadcasting repeated, so that a gradient has the shape of the operand that it belongs to. */
export function sumTo(dx: tf.Tensor, shape: number[]): tf.Tensor {
  const missing = dx.rank - shape.length;
  const axes = dx.shape.flatMap((size, axis) =>
    axis < missing || (shape[axis - missing] === 1 && size !== 1) ? [axis] : [],
  );
  return tf.reshape(axes.length === 0 ? dx : tf.sum(dx, axes), shape);
}
