import type { Preprocessing } from '../../../src/models/preprocessing.js';

/** Leaves pixels as they are: 1 / (255 / 255) is 1. */
export const UNCHANGED: Preprocessing = { mean: [0, 0, 0], std: [1 / 255, 1 / 255, 1 / 255] };
