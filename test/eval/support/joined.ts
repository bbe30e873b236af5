import type { LabelMap } from '../../../src/image/pixels.js';

/** Class ids of all answers in one. */
export function joined(answers: readonly LabelMap[]): Uint8Array {
  return Uint8Array.from(answers.flatMap(({ data }) => [...data]));
}
