import type { Distortion } from './distortion.js';

/** The axis of a kind's values, strong ones on the left. */
export interface PlacedAxis {
  label: string;
  scale: 'linear' | 'log';
  ends: readonly [string, string];
  /** Whether numbers fall from left to right. */
  falling: boolean;
  /** Undefined for a value that has no place. */
  place(value: number | string): number | undefined;
}

/** The axis of a kind's values: which end is the strong one follows from its examples. */
export function axisOf({ kind, examples, axis = {} }: Distortion): PlacedAxis {
  const { label = kind, scale = 'linear', ends = ['stronger', 'weaker'], place = placeNumber } = axis;
  const [mildest, strongest] = [place(examples[0]!), place(examples.at(-1)!)];
  const falling = mildest !== undefined && strongest !== undefined && mildest < strongest;
  return { label, scale, ends, falling, place };
}

function placeNumber(value: number | string): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
