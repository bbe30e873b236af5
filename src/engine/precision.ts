/** The arithmetic of a compiled graph's heavy ops. */
export type Precision = 'fp32' | 'bf16';

let precision: Precision = 'fp32';

/** What {@link compile} uses where it is not told. */
export function enginePrecision(): Precision {
  return precision;
}

export function setEnginePrecision(value: Precision): void {
  precision = value;
}
