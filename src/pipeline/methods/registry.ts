import { aligned, alignedAffine } from './aligned.js';
import { control } from './control.js';
import { itemChoices } from './item-choices.js';
import { lora } from './lora.js';
import type { MethodKind } from './method.js';
import { mixed } from './mixed.js';
import { original } from './original.js';
import { recentStatistics } from './recent-statistics.js';
import { robustBase } from './robust-base.js';
import { stability } from './stability.js';
import { switching } from './switching.js';
import { tent } from './tent.js';

/** Every method that an experiment can compare, by the name that configs know it under. */
export const methodKinds: Readonly<Record<string, MethodKind>> = {
  original,
  adaptor: itemChoices.adaptor,
  switching,
  mixed,
  control,
  stability,
  'bn-statistics': itemChoices['bn-statistics'],
  bn: itemChoices.bn,
  affine: itemChoices.affine,
  aligned,
  'aligned-affine': alignedAffine,
  learned: itemChoices.learned,
  convolutions: itemChoices.convolutions,
  'first-layers': itemChoices['first-layers'],
  random: itemChoices.random,
  greedy: itemChoices.greedy,
  union: itemChoices.union,
  relative: itemChoices.relative,
  total: itemChoices.total,
  taylor: itemChoices.taylor,
  lora,
  'robust-base': robustBase,
  'recent-statistics': recentStatistics,
  tent,
};

/** What an experiment compares unless it says: the paper's own comparison. */
export const STANDARD_METHODS = ['original', 'adaptor', 'switching'];
