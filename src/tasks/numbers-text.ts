import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { fail } from '../common/errors.js';

/**
 * Whole numbers from 0 to 2^53 as text, small ones in a few bits: seven bits a byte, the lowest first, the eighth set where more follow; then
 * deflate and base64.
 */
export function packNumbers(numbers: Iterable<number>): string {
  const bytes: number[] = [];
  for (let number of numbers) {
    for (; number > 127; number = Math.floor(number / 128)) bytes.push((number % 128) + 128);
    bytes.push(number);
  }
  return deflateRawSync(Uint8Array.from(bytes), { level: 9 }).toString('base64');
}

/** @throws E_EVAL_COUNTS for text that does not hold `expected` numbers */
export function unpackNumbers(text: string, expected: number): Float64Array {
  const numbers: number[] = [];
  try {
    let [number, factor] = [0, 1];
    for (const byte of inflateRawSync(Buffer.from(text, 'base64'))) {
      number += (byte % 128) * factor;
      if (byte > 127) factor *= 128;
      else {
        numbers.push(number);
        [number, factor] = [0, 1];
      }
    }
  } catch {
    numbers.length = 0;
  }
  if (numbers.length === expected) return Float64Array.from(numbers);
  return fail('E_EVAL_COUNTS', {
    where: 'counts',
    expected: `${expected} numbers`,
    got: `${numbers.length}`,
    todo: 'Take the file back from version control, or delete it; gearnn run writes a new one.',
  });
}
