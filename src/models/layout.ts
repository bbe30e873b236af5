import { fail } from '../common/errors.js';

/**
 * Order of axes from the reference's layout to TensorFlow's, by rank: convolutions `[out, in, height, width]` to
 * `[height, width, in, out]`, dense layers `[out, in]` to `[in, out]`; everything else is the same in both.
 */
const AXES: Readonly<Record<number, readonly number[]>> = { 4: [2, 3, 1, 0], 2: [1, 0] };

/** A weight from the reference's layout to TensorFlow's. `shape` is the reference's; the result is a new array. */
export function toTensorflow(data: Float32Array, shape: readonly number[]): Float32Array {
  const axes = AXES[shape.length];
  return axes ? transpose(data, shape, axes) : data.slice();
}

/** A weight from TensorFlow's layout to the reference's. `shape` is the reference's; the result is a new array. */
export function toReference(data: Float32Array, shape: readonly number[]): Float32Array {
  const axes = AXES[shape.length];
  if (!axes) return data.slice();
  return transpose(
    data,
    axes.map((axis) => shape[axis]!),
    axes.map((_, axis) => axes.indexOf(axis)),
  );
}

/** The reference's shape of a weight that has `shape` in TensorFlow's layout. */
export function referenceShape(shape: readonly number[]): number[] {
  const axes = AXES[shape.length];
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
