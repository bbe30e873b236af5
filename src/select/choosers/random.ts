import { Random } from '../../common/random.js';
import { fill, type Chooser } from './chooser.js';

/** In random order, each item that still fits: what the choice by values has to beat. */
export const random: Chooser = {
  description: 'at random, while it fits',
  choose: (items, capacity, seed) => fill(items, Random.of(seed, 'choose').permutation(items.length), capacity),
};
