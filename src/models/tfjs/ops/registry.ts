import type { Family, Translation } from '../call.js';
import { activation } from './activation.js';
import { convolution } from './convolution.js';
import { elementwise } from './elementwise.js';
import { flow } from './flow.js';
import { matrix } from './matrix.js';
import { normalization } from './normalization.js';
import { parts } from './parts.js';
import { picture } from './picture.js';
import { places } from './places.js';
import { reduction } from './reduction.js';
import { shape } from './shape.js';

const FAMILIES: readonly Family[] = [
  activation,
  convolution,
  elementwise,
  flow,
  matrix,
  normalization,
  parts,
  picture,
  places,
  reduction,
  shape,
];

const TRANSLATIONS: ReadonlyMap<string, Translation> = new Map(FAMILIES.flatMap((family) => Object.entries(family)));

/** How an operation of TensorFlow is translated; undefined where it is not. */
export function translationOf(op: string): Translation | undefined {
  return TRANSLATIONS.get(op);
}

/** Names of all operations of TensorFlow that are translated, sorted. */
export function translatedOps(): string[] {
  return [...TRANSLATIONS.keys()].sort();
}
