/** What a tensor is made of, before there is one: it can be made in a thread without an engine, and be handed to another. */
export interface Values {
  /** Of the tensor; ids of up to 255 may lie in bytes. */
  dtype: 'int32' | 'float32';
  /** `[images, ...]` */
  shape: readonly number[];
  data: Uint8Array | Int32Array | Float32Array;
}

/** Values of several images by name, such as the targets of a batch: `{ labels }`. */
export type Collated = Readonly<Record<string, Values>>;

/** Those of one image: shapes `[1, ...]`, the same memory. */
export function imageOf(collated: Collated, index: number): Collated {
  return Object.fromEntries(
    Object.entries(collated).map(([name, { dtype, shape, data }]) => {
      const size = data.length / shape[0]!;
      return [name, { dtype, shape: [1, ...shape.slice(1)], data: data.subarray(index * size, (index + 1) * size) }];
    }),
  );
}

/** The memory behind them, to be moved to another thread. */
export function buffersOf(collated: Collated): ArrayBuffer[] {
  return Object.values(collated).map(({ data }) => data.buffer as ArrayBuffer);
}
