/** Types of a tensor's values, by ONNX's numbers. */
const NAMES = [
  'undefined',
  'float32',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  'float16',
  'float64',
  'uint32',
  'uint64',
  'complex64',
  'complex128',
  'bfloat16',
  'float8e4m3fn',
  'float8e4m3fnuz',
  'float8e5m2',
  'float8e5m2fnuz',
  'uint4',
  'int4',
  'float4e2m1',
  'float8e8m0',
  'uint2',
  'int2',
] as const;

/** A type as the file names it. Floats are computed in fp32 and whole numbers in 32 bits, whatever their width. */
export type ElementType =
  | 'float32'
  | 'float16'
  | 'bfloat16'
  | 'float64'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'bool'
  | 'string';

const READ: ReadonlySet<string> = new Set<ElementType>([
  ...(['float32', 'float16', 'bfloat16', 'float64', 'bool', 'string'] as const),
  ...(['int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64'] as const),
]);

/** Name of ONNX's number of a type, `type 99` for one that is none. */
export function typeName(number: number): string {
  return NAMES[number] ?? `type ${number}`;
}

/** The type of that name, undefined for one that is not read (fp8, int4, complex numbers). */
export function elementType(number: number): ElementType | undefined {
  const name = typeName(number);
  return READ.has(name) ? (name as ElementType) : undefined;
}

export type FloatType = Extract<ElementType, 'float32' | 'float16' | 'bfloat16' | 'float64'>;

/** ONNX's number of a type. */
export function typeNumber(type: ElementType): number {
  return NAMES.indexOf(type);
}

export function isFloat(type: ElementType): type is FloatType {
  return type.includes('float');
}

/** Whether a type holds whole numbers. */
export function isInteger(type: ElementType): boolean {
  return type.includes('int');
}

/** The smallest and largest whole number of a type. */
export function integerRange(type: ElementType): [number, number] {
  const bits = Number(/\d+$/.exec(type)?.[0] ?? 1);
  return type.startsWith('u') ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
}
