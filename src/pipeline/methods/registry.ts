import { adaptor } from './adaptor.js';
import { bn } from './bn.js';
import { bnStatistics } from './bn-statistics.js';
import { firstLayers } from './first-layers.js';
import { greedy } from './greedy.js';
import { lora } from './lora.js';
import type { Method } from './method.js';
import { mixed } from './mixed.js';
import { original } from './original.js';
import { random } from './random.js';
import { relative } from './relative.js';
import { stability } from './stability.js';
import { switching } from './switching.js';
import { taylor } from './taylor.js';
import { total } from './total.js';
import { union } from './union.js';

/** Every method that an experiment can compare, by the name that configs know it under. */
export const methods: Readonly<Record<string, Method>> = {
  original,
  adaptor,
  switching,
  mixed,
  stability,
  'bn-statistics': bnStatistics,
  bn,
  'first-layers': firstLayers,
  random,
  greedy,
  union,
  relative,
  total,
  taylor,
  lora,
};

/** What an experiment compares unless it says: the paper's own comparison. */
export const STANDARD_METHODS = ['original', 'adaptor', 'switching'];
