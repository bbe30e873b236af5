/** A tensor in double precision, for naive loops. */
export interface NdArray {
  shape: number[];
  values: Float64Array;
}

/** Every index of a shape, in order. */
export function* indices(shape: readonly number[]): Generator<number[]> {
  const size = shape.reduce((product, length) => product * length, 1);
  for (let flat = 0; flat < size; flat++) {
    const index = new Array<number>(shape.length);
    let rest = flat;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = rest % shape[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    yield index;
  }
}

/** A new array, value by value. */
export function make(shape: number[], valueAt: (index: number[]) => number): NdArray {
  return { shape, values: Float64Array.from([...indices(shape)], (index) => valueAt(index)) };
}

/** The place of an index among the values. */
export function flat(shape: readonly number[], index: readonly number[]): number {
  return index.reduce((place, at, axis) => place * shape[axis]! + at, 0);
}

/** The value at an index, and `outside` where that is beyond the border. */
export function at(x: NdArray, index: readonly number[], outside = NaN): number {
  const isInside = index.every((place, axis) => place >= 0 && place < x.shape[axis]!);
  return isInside ? x.values[flat(x.shape, index)]! : outside;
}
