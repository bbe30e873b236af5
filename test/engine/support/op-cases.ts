import { ELEMENTWISE } from './op-cases/elementwise.js';
import { IMAGES } from './op-cases/images.js';
import { LAYERS } from './op-cases/layers.js';
import { REDUCTIONS_AND_PRODUCTS } from './op-cases/reductions-and-products.js';
import { SHAPES } from './op-cases/shapes.js';
import { SPECTRA_LOSSES_RANDOM } from './op-cases/spectra-losses-random.js';
import type { OpCase } from './op-cases/op-case.js';

/** Every op that is compiled, by what it is for. */
export const OP_CASES: readonly OpCase[] = [
  ...ELEMENTWISE,
  ...REDUCTIONS_AND_PRODUCTS,
  ...SHAPES,
  ...LAYERS,
  ...IMAGES,
  ...SPECTRA_LOSSES_RANDOM,
];
