import { fail } from '../../common/errors.js';
import { decodeBfloat, decodeHalf, encodeBfloat, encodeHalf } from '../half.js';
import type { ReadExternal } from './external-data.js';
import type { Long, TensorMessage } from './messages.js';
import type { Constant, HostData } from './model.js';
import { elementType, typeName, type ElementType, type FloatType } from './types.js';

/** Bytes of one value as `raw_data` holds it. */
const BYTES: Record<Exclude<ElementType, 'string'>, number> = {
  float32: 4,
  float16: 2,
  bfloat16: 2,
  float64: 8,
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  uint8: 1,
  uint16: 2,
  uint32: 4,
  uint64: 8,
  bool: 1,
};

/** Bytes from which on a tensor is read later. */
const LARGE = 4096;

/** Number of values of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

/** Bytes that a tensor's values take in `raw_data`; 0 for types that are not read. */
export function bytesOf({ dims, dataType }: Pick<TensorMessage, 'dims' | 'dataType'>): number {
  const type = elementType(dataType);
  return type && type !== 'string' ? sizeOf(dims.map((side) => side.toNumber())) * BYTES[type] : 0;
}

/** Floats as `raw_data` holds them, rounded to the nearest of the type. */
export function floatBytes(type: FloatType, values: Float32Array): Uint8Array {
  const array =
    type === 'float32'
      ? values
      : type === 'float64'
        ? Float64Array.from(values)
        : (type === 'float16' ? encodeHalf : encodeBfloat)(values);
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/**
 * A tensor of the file, in any of its forms of storage.
 *
 * @param external reads values that lie in another file
 * @throws E_ONNX_FILE for a type that is not read, negative sizes, and data that are not as many as the shape says
 */
export function readTensor(message: TensorMessage, external: ReadExternal, name = message.name): Constant {
  const where = `tensor ${JSON.stringify(name)}`;
  const shape = message.dims.map((side) => side.toNumber());
  const size = sizeOf(shape);
  if (!shape.every((side) => side >= 0) || !Number.isSafeInteger(size))
    fail('E_ONNX_FILE', { where, expected: 'sizes from 0 on', got: `shape [${shape}]` });
  const type = elementType(message.dataType);
  if (!type || type === 'string') {
    fail('E_ONNX_FILE', {
      where,
      expected: 'numbers of 8 to 64 bits, or truth values',
      got: typeName(message.dataType),
      todo: 'Export the network in fp32 or fp16.',
    });
  }
  const bytes = size * BYTES[type];
  if (message.dataLocation === 1)
    return { type, shape, data: fromBytes(type, external(name, message.externalData, bytes)) };
  if (message.rawData.length > 0) {
    if (message.rawData.length !== bytes)
      fail('E_ONNX_FILE', {
        where,
        expected: `${bytes} bytes for ${type}[${shape}]`,
        got: `${message.rawData.length}`,
        todo: 'The file is damaged; export it again.',
      });
    return bytes < LARGE
      ? { type, shape, data: fromBytes(type, message.rawData) }
      : later(type, shape, message.rawData);
  }
  const data = fromFields(type, message);
  if (data.length !== size)
    fail('E_ONNX_FILE', { where, expected: `${size} values for shape [${shape}]`, got: `${data.length}` });
  return { type, shape, data };
}

/** A tensor whose bytes are read when it is first asked for its values: those of a file are then there once, as they are or as they came. */
function later(type: Exclude<ElementType, 'string'>, shape: number[], bytes: Uint8Array): Constant {
  let raw: Uint8Array | undefined = bytes;
  let read: HostData | undefined;
  return {
    ...{ type, shape },
    get data() {
      if (raw) read = fromBytes(type, raw);
      raw = undefined;
      return read!;
    },
  };
}

/** From little-endian bytes, in a new array. */
function fromBytes(type: Exclude<ElementType, 'string'>, bytes: Uint8Array): HostData {
  // A typed array needs an aligned start, which a field of a message seldom has.
  const { buffer } = new Uint8Array(bytes);
  switch (type) {
    case 'float32':
      return new Float32Array(buffer);
    case 'float16':
      return decodeHalf(new Uint16Array(buffer));
    case 'bfloat16':
      return decodeBfloat(new Uint16Array(buffer));
    case 'float64':
      return Float32Array.from(new Float64Array(buffer));
    case 'bool':
      return new Uint8Array(buffer).map((value) => (value ? 1 : 0));
    case 'int64':
      return fromWords(new Int32Array(buffer), new Uint32Array(buffer));
    case 'uint64':
      return fromWords(new Uint32Array(buffer), new Uint32Array(buffer));
    case 'int8':
      return Float64Array.from(new Int8Array(buffer));
    case 'int16':
      return Float64Array.from(new Int16Array(buffer));
    case 'int32':
      return Float64Array.from(new Int32Array(buffer));
    case 'uint8':
      return Float64Array.from(new Uint8Array(buffer));
    case 'uint16':
      return Float64Array.from(new Uint16Array(buffer));
    case 'uint32':
      return Float64Array.from(new Uint32Array(buffer));
  }
}

/** 64-bit numbers of their upper and lower words: the nearest doubles, as those beyond 2^53 only say "to the end". */
function fromWords(upper: Int32Array | Uint32Array, lower: Uint32Array): Float64Array {
  return Float64Array.from({ length: lower.length / 2 }, (_, i) => upper[2 * i + 1]! * 2 ** 32 + lower[2 * i]!);
}

/** From the typed fields of the message. */
function fromFields(type: ElementType, message: TensorMessage): HostData {
  const numbers = (list: Long[]): Float64Array => Float64Array.from(list, (value) => value.toNumber());
  switch (type) {
    case 'float32':
      return Float32Array.from(message.floatData);
    case 'float64':
      return Float32Array.from(message.doubleData);
    case 'float16':
      return decodeHalf(Uint16Array.from(message.int32Data));
    case 'bfloat16':
      return decodeBfloat(Uint16Array.from(message.int32Data));
    case 'int64':
      return numbers(message.int64Data);
    case 'uint32':
    case 'uint64':
      return numbers(message.uint64Data);
    case 'bool':
      return Uint8Array.from(message.int32Data, (value) => (value ? 1 : 0));
    default:
      return Float64Array.from(message.int32Data);
  }
}

/** The same values with axis `order[i]` of `shape` as axis `i`. */
export function transposedData(data: HostData, shape: readonly number[], order: readonly number[]): HostData {
  const sides = order.map((axis) => shape[axis]!);
  const steps = order.map((axis) => sizeOf(shape.slice(axis + 1)));
  const place = sides.map(() => 0);
  return data.map((_, i) => {
    if (i > 0) for (let k = sides.length - 1; ++place[k]! === sides[k]; k--) place[k] = 0;
    return data[place.reduce((at, p, k) => at + p * steps[k]!, 0)]!;
  });
}

/** The values at some places of an axis. */
export function takenData(data: HostData, shape: readonly number[], axis: number, places: readonly number[]): HostData {
  const width = sizeOf(shape.slice(axis + 1));
  const taken = data.slice(0, (data.length / shape[axis]!) * places.length);
  for (let before = 0; before < sizeOf(shape.slice(0, axis)); before++) {
    places.forEach((place, i) => {
      const from = (before * shape[axis]! + place) * width;
      taken.set(data.subarray(from, from + width), (before * places.length + i) * width);
    });
  }
  return taken;
}
