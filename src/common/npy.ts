/**
 * A NumPy file of single-precision numbers, row-major.
 *
 * @param shape such as `[height, width]`
 * @source the .npy format, version 1.0: numpy.lib.format
 */
export function encodeNpy(data: Float32Array, shape: readonly number[]): Uint8Array {
  const sides = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const description = `{'descr': '<f4', 'fortran_order': False, 'shape': (${sides}), }`;
  // Magic, version and length take 10 bytes; the header ends in a line feed, and the numbers begin at a multiple of 64.
  const length = Math.ceil((10 + description.length + 1) / 64) * 64 - 10;
  const bytes = Buffer.alloc(10 + length + 4 * data.length);
  bytes.write('\x93NUMPY\x01\x00', 'latin1');
  bytes.writeUInt16LE(length, 8);
  bytes.write(`${description.padEnd(length - 1)}\n`, 10, 'latin1');
  data.forEach((value, i) => bytes.writeFloatLE(value, 10 + length + 4 * i));
  return bytes;
}

const HEADER = /^\{\s*'descr':\s*'<f4',\s*'fortran_order':\s*False,\s*'shape':\s*\(((?:\d+,?\s*)*)\),?\s*\}\s*$/;

/** What {@link encodeNpy} wrote, or NumPy itself of such numbers; undefined for anything else, cut off files included. */
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
