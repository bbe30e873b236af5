/** NumPy's name of each type of numbers, and what holds them here. */
const TYPES = {
  float32: ['<f4', Float32Array],
  bool: ['|b1', Uint8Array],
  int8: ['|i1', Int8Array],
  uint8: ['|u1', Uint8Array],
  int16: ['<i2', Int16Array],
  uint16: ['<u2', Uint16Array],
  int32: ['<i4', Int32Array],
  uint32: ['<u4', Uint32Array],
  int64: ['<i8', BigInt64Array],
  uint64: ['<u8', BigUint64Array],
} as const;

/** A type of numbers in a NumPy file. */
export type NpyType = keyof typeof TYPES;

export function isNpyType(type: string): type is NpyType {
  return Object.hasOwn(TYPES, type);
}

/**
 * A NumPy file of numbers, row-major.
 *
 * @param shape such as `[height, width]`
 * @param type that the numbers have in the file. Default: single precision
 * @source the .npy format, version 1.0: numpy.lib.format
 */
export function encodeNpy(data: ArrayLike<number>, shape: readonly number[], type: NpyType = 'float32'): Uint8Array {
  const [name, Values] = TYPES[type];
  const sides = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const description = `{'descr': '${name}', 'fortran_order': False, 'shape': (${sides}), }`;
  // Magic, version and length take 10 bytes; the header ends in a line feed, and the numbers begin at a multiple of 64.
  const length = Math.ceil((10 + description.length + 1) / 64) * 64 - 10;
  const values = new Values(data.length);
  const convert = (
    values instanceof BigInt64Array || values instanceof BigUint64Array ? BigInt : Number
  ) as NumberConstructor;
  for (let i = 0; i < data.length; i++) values[i] = convert(data[i]!);
  const bytes = Buffer.alloc(10 + length + values.byteLength);
  bytes.write('\x93NUMPY\x01\x00', 'latin1');
  bytes.writeUInt16LE(length, 8);
  bytes.write(`${description.padEnd(length - 1)}\n`, 10, 'latin1');
  bytes.set(new Uint8Array(values.buffer), 10 + length);
  return bytes;
}

const HEADER = /^\{\s*'descr':\s*'<f4',\s*'fortran_order':\s*False,\s*'shape':\s*\(((?:\d+,?\s*)*)\),?\s*\}\s*$/;

/** What {@link encodeNpy} wrote of single-precision numbers, or NumPy itself of such numbers; undefined for anything else, cut off files included. */
export function decodeNpy(bytes: Uint8Array): { data: Float32Array; shape: number[] } | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (file.length < 10 || file.toString('latin1', 0, 8) !== '\x93NUMPY\x01\x00') return undefined;
  const start = 10 + file.readUInt16LE(8);
  const match = HEADER.exec(file.toString('latin1', 10, start));
  if (!match) return undefined;
  const shape = match[1]!.split(',').flatMap((side) => (side.trim() === '' ? [] : [Number(side)]));
  const count = shape.reduce((product, side) => product * side, 1);
  if (file.length !== start + 4 * count) return undefined;
  return { data: Float32Array.from({ length: count }, (_, i) => file.readFloatLE(start + 4 * i)), shape };
}
