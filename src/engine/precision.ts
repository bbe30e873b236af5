import { fail } from '../common/errors.js';

/** The arithmetic of a compiled graph's heavy ops. */
export type Precision = 'fp32' | 'bf16';

let precision: Precision = 'fp32';
let withoutBf16: string | null = null;

/** What `compile` uses where it is not told. */
export function enginePrecision(): Precision {
  return precision;
}

/** @param refusal why the engine does not compute in bf16; null where it does */
export function setEnginePrecision(value: Precision, refusal: string | null): void {
  precision = value;
  withoutBf16 = refusal;
}

/**
 * @param refusal why an engine does not compute in bf16, null where it does; the running engine's by default
 * @throws E_ENGINE_PRECISION
 */
export function requirePrecision(value: Precision, refusal: string | null = withoutBf16): void {
  if (value === 'fp32' || refusal === null) return;
  fail('E_ENGINE_PRECISION', {
    where: 'engine precision bf16',
    expected: 'the tensorflow engine on a processor or GPU with bf16 arithmetic',
    got: refusal,
    todo: 'Use fp32.',
  });
}
