import { fail } from '../common/errors.js';
import { decodeBfloat, decodeHalf, encodeHalf } from './half.js';
import { BYTES, type Dtype, readHeader } from './safetensors-header.js';

/** One tensor of a file. */
export interface SafeTensor {
  dtype: Dtype;
  shape: number[];
  /** Little-endian bytes, a view into the file's. */
  bytes: Uint8Array;
}

export interface SafeTensorsFile {
  /** By name, in the order of the bytes. */
  tensors: Map<string, SafeTensor>;
  /** The free `__metadata__` of the file; empty where there is none. */
  metadata: Record<string, string>;
}

/** A tensor to write: fp32 values, stored as they are, rounded to fp16, or, whole numbers from -128 to 127, as bytes. */
export interface TensorToWrite {
  dtype: 'F32' | 'F16' | 'I8';
  shape: number[];
  data: Float32Array;
}

/**
 * Reads a safetensors file: 8 bytes of header length, a JSON header, the tensors' bytes. Nothing is copied.
 *
 * @param where the file, for messages
 * @throws E_SAFETENSORS if the file is damaged, or holds a type that gearnn does not read
 * @source the safetensors format, https://github.com/huggingface/safetensors
 */
export function decodeSafetensors(bytes: Uint8Array, where: string): SafeTensorsFile {
  const { entries, metadata, start } = readHeader(bytes, where);
  const tensors = new Map<string, SafeTensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    tensors.set(name, { dtype, shape, bytes: bytes.subarray(start + begin, start + end) });
  }
  return { tensors, metadata };
}

/** A tensor's values as fp32, in an array of its own; F64, I64 and I32 beyond fp32's precision are rounded. */
export function toFloat32({ dtype, bytes }: SafeTensor): Float32Array {
  // A copy, because a typed array must begin at a multiple of its element's size, which a tensor in a file need not.
  const { buffer } = new Uint8Array(bytes);
  switch (dtype) {
    case 'F32':
      return new Float32Array(buffer);
    case 'F16':
      return decodeHalf(new Uint16Array(buffer));
    case 'BF16':
      return decodeBfloat(new Uint16Array(buffer));
    case 'F64':
      return Float32Array.from(new Float64Array(buffer));
    case 'I64':
      return Float32Array.from(new BigInt64Array(buffer), Number);
    case 'I32':
      return Float32Array.from(new Int32Array(buffer));
    case 'I8':
      return Float32Array.from(new Int8Array(buffer));
    case 'U8':
      return Float32Array.from(new Uint8Array(buffer));
  }
}

/**
 * Writes a safetensors file, to the byte as the Python library does: tensors by type and then by name, the header padded
 * with spaces to a multiple of 8. The same tensors give the same bytes whatever the order of the map.
 *
 * @throws E_SHAPE if a tensor's values do not fill its shape
 */
export function encodeSafetensors(tensors: Map<string, TensorToWrite>, metadata?: Record<string, string>): Uint8Array {
  const header = metadata ? [`"__metadata__":${JSON.stringify(metadata)}`] : [];
  const parts: Uint8Array[] = [];
  let position = 0;
  for (const [name, { dtype, shape, data }] of [...tensors].sort(byTypeThenName)) {
    const count = shape.reduce((product, side) => product * side, 1);
    if (data.length !== count) {
      fail('E_SHAPE', { where: name, expected: `${count} values for shape [${shape}]`, got: `${data.length}` });
    }
    const values = { F32: () => data, F16: () => encodeHalf(data), I8: () => Int8Array.from(data) }[dtype]();
    const entry = { dtype, shape, data_offsets: [position, position + values.byteLength] };
    header.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
    parts.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    position += values.byteLength;
  }
  const json = Buffer.from(`{${header.join()}}`);
  const length = Math.ceil(json.length / 8) * 8;
  const file = Buffer.alloc(8 + length + position, ' ');
  file.writeBigUInt64LE(BigInt(length), 0);
  json.copy(file, 8);
  let offset = 8 + length;
  for (const part of parts) {
    file.set(part, offset);
    offset += part.length;
  }
  return file;
}

const ORDER = Object.keys(BYTES);

function byTypeThenName(
  [a, { dtype: aType }]: [string, TensorToWrite],
  [b, { dtype: bType }]: [string, TensorToWrite],
) {
  return ORDER.indexOf(aType) - ORDER.indexOf(bType) || Buffer.compare(Buffer.from(a), Buffer.from(b));
}
