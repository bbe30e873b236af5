import { fail } from '../common/errors.js';

/**
 * How a tensor's axes are ordered: a convolution's are `[out, in, height, width]` in the reference and `[height, width, in, out]` in
 * TensorFlow, a dense layer's `[out, in]` and `[in, out]`; a plain tensor's are the same in both.
 */
export type Layout = 'conv' | 'dense' | 'plain';

/** Where each of TensorFlow's axes is in the reference. */
const AXES: Readonly<Record<Layout, readonly number[] | undefined>> = {
  conv: [2, 3, 1, 0],
  dense: [1, 0],
  plain: undefined,
};

/** A tensor with its axes ordered as the reference has them. */
export interface Laid {
  /** The reference's. */
  shape: readonly number[];
  layout: Layout;
}

/** A tensor's values from the reference's layout to TensorFlow's, in a new array. */
export function toTensorflow(data: Float32Array, { shape, layout }: Laid): Float32Array {
  const axes = AXES[layout];
  return axes ? transpose(data, shape, axes) : data.slice();
}

/** A tensor's values from TensorFlow's layout to the reference's, in a new array. */
export function toReference(data: Float32Array, { shape, layout }: Laid): Float32Array {
  const axes = AXES[layout];
  if (!axes) return data.slice();
  return transpose(
    data,
    axes.map((axis) => shape[axis]!),
    axes.map((_, axis) => axes.indexOf(axis)),
  );
}

/** The reference's shape of a tensor that has `shape` in TensorFlow. */
export function referenceShape(shape: readonly number[], layout: Layout): number[] {
  const axes = AXES[layout];
  return axes ? shape.map((_, axis) => shape[axes.indexOf(axis)]!) : [...shape];
}

/** Copies an array of `shape` so that axis `i` of the result is axis `axes[i]` of the source. */
function transpose(data: Float32Array, shape: readonly number[], axes: readonly number[]): Float32Array {
  const size = shape.reduce((product, side) => product * side, 1);
  if (data.length !== size) {
    fail('E_SHAPE', { where: 'layout', expected: `${size} values for shape [${shape}]`, got: `${data.length}` });
  }
  const steps = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, side) => product * side, 1));
  // As rank 4, with axes of size 1 in front: four plain loops are ten times as fast as one over any rank.
  const pad = Array.from({ length: 4 - axes.length }, () => 1);
  const [a, b, c, d] = [...pad, ...axes.map((axis) => shape[axis]!)] as [number, number, number, number];
  const [sa, sb, sc, sd] = [...pad, ...axes.map((axis) => steps[axis]!)] as [number, number, number, number];
  const result = new Float32Array(size);
  let to = 0;
  for (let i = 0; i < a; i++)
    for (let j = 0; j < b; j++)
      for (let k = 0; k < c; k++) {
        let from = i * sa + j * sb + k * sc;
        for (let l = 0; l < d; l++, from += sd) result[to++] = data[from]!;
      }
  return result;
}
