/** IEEE 754 half precision (fp16) on plain arrays, as numpy's `astype(float16)` and safetensors' `F16` have it. */

const word = new Uint32Array(1);
const single = new Float32Array(word.buffer);
let table: Float32Array | undefined;

/** fp32 -> fp16 bits, rounded to the nearest, ties to even; beyond 65504 (from 65520 on) infinity. */
export function encodeHalf(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(bits.length);
  for (let i = 0; i < bits.length; i++) halves[i] = halfBits(bits[i]!);
  return halves;
}

/** fp16 bits -> fp32, exactly. */
export function decodeHalf(halves: Uint16Array): Float32Array {
  table ??= Float32Array.from({ length: 0x10000 }, (_, half) => halfValue(half));
  const values = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) values[i] = table[halves[i]!]!;
  return values;
}

/** The nearest values that fp16 can hold, as fp32. */
export function roundToHalf(values: Float32Array): Float32Array {
  return decodeHalf(encodeHalf(values));
}

/** The 16 bits of the half nearest to the single with the given 32 bits. */
function halfBits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // 65520 and above, infinity included
  if (magnitude >= 0x38800000) {
    // Normal: drop 13 bits of mantissa; adding just under a half, plus the last bit kept, rounds ties to even.
    return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
  }
  if (magnitude <= 0x33000000) return sign; // 2^-25 is half of the smallest subnormal: the tie goes to zero
  const shift = 126 - (magnitude >>> 23);
  const mantissa = (magnitude & 0x7fffff) | 0x800000;
  const kept = mantissa >>> shift;
  const rest = mantissa & ((1 << shift) - 1);
  const tie = 1 << (shift - 1);
  return sign | (rest > tie || (rest === tie && (kept & 1) === 1) ? kept + 1 : kept);
}

function halfValue(half: number): number {
  const exponent = (half >>> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  const sign = half & 0x8000 ? -1 : 1;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent < 31) return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
  return mantissa ? NaN : sign * Infinity;
}

/** bf16 bits -> fp32, exactly. */
export function decodeBfloat(halves: Uint16Array): Float32Array {
  const values = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) {
    word[0] = halves[i]! << 16;
    values[i] = single[0]!;
  }
  return values;
}

/** fp32 -> bf16 bits, rounded to the nearest, ties to even. */
export function encodeBfloat(values: Float32Array): Uint16Array {
  return Uint16Array.from(values, (value) => {
    single[0] = value;
    // A NaN whose payload lies in the dropped bits alone would become infinity.
    if (Number.isNaN(value)) return 0x7fc0;
    return (word[0]! + 0x7fff + ((word[0]! >>> 16) & 1)) >>> 16;
  });
}
