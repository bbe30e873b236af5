import type { Observations } from '../../../src/distort/detect/stream.js';
import type { Level } from '../../../src/distort/level.js';

/** What was read from a frame, all of it with confidence 1. */
export const seen = (values: Record<string, number | string>): Observations =>
  Object.fromEntries(Object.entries(values).map(([kind, value]) => [kind, { value, confidence: 1 }]));
export const jpeg = (quality: number): Observations => seen({ jpeg: quality });

/** A level of a kind that has no distortion yet. */
export const made = (kind: string, value: number | string): Level => ({
  text: `${kind}=${value}`,
  steps: [{ kind, value }],
});
