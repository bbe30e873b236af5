import { fail } from '../common/errors.js';

/** The arithmetic of a compiled graph's heavy ops. */
export type Precision = 'fp32' | 'bf16';

/** How an engine computes in bf16. */
export interface Bf16 {
  /** Why it does not; null where it does. */
  refusal: string | null;
  /** Whether fp32 arithmetic that rounds as bf16 does takes its place. */
  imitated: boolean;
}

let precision: Precision = 'fp32';
let bf16: Bf16 = { refusal: null, imitated: false };

/** What `compile` uses where it is not told. */
export function enginePrecision(): Precision {
  return precision;
}

export function setEnginePrecision(value: Precision, how: Bf16): void {
  precision = value;
  bf16 = how;
}

/** Whether graphs in bf16 are to be imitated in fp32. */
export function imitatesBf16(): boolean {
  return bf16.imitated;
}

/**
 * @param refusal why an engine does not compute in bf16, null where it does; the running engine's by default
 * @throws E_ENGINE_PRECISION
 */
export function requirePrecision(value: Precision, refusal: string | null = bf16.refusal): void {
  if (value === 'fp32' || refusal === null) return;
  fail('E_ENGINE_PRECISION', {
    where: 'engine precision bf16',
    expected: 'the tensorflow engine on a processor or GPU with bf16 arithmetic',
    got: refusal,
    todo: 'Use fp32.',
  });
}
