import { join } from 'node:path';
import { canonicalJson, sha256 } from '../../common/files.js';
import type { SplitSummary } from '../../report/results.js';
import { summarizeSplit } from '../../report/split-summary.js';
import type { ChooserName } from '../../select/choosers/registry.js';
import type { Granularity } from '../../select/item.js';
import { writeSplit } from '../../select/split.js';
import { splitCheckpoints } from '../../select/split-checkpoints.js';
import type { ValueName } from '../../select/values/registry.js';
import type { Json, Step } from '../graph.js';
import type { Base } from './base.js';
import { FULL } from './full.js';

export const SPLIT_FILE = 'split.json';

export type SplitOutput = { hash: string; total: number; budget: number; summary: SplitSummary };

/** What an adaptor's items are chosen by. */
export interface SplitChoice {
  budget: string;
  granularity: Granularity;
  values: ValueName;
  choose: ChooserName;
  /** Of a random choice. */
  seed: number;
}

/** The full fine-tunes that a choice looks at. */
export interface SplitSources {
  base: Base;
  /** At the split's own level. */
  full: Step;
  /** At every other level, by level, where all levels share the choice. */
  others?: Readonly<Record<string, Step>>;
}

/** Measures what full fine-tuning changed at a level, and chooses what to adapt. */
export function splitStep(
  level: string,
  { base, full, others = {} }: SplitSources,
  choice: SplitChoice,
): Step<SplitOutput> {
  const { budget, granularity, values, choose, seed } = choice;
  // What is as in the paper is left out, so that splits have kept the addresses that they had when there was no other.
  const special = {
    ...(values !== 'change' && { values }),
    ...(choose !== 'knapsack' && { choose }),
    ...(choose === 'random' && { seed }),
  };
  return {
    id: `split ${level}`,
    kind: 'split',
    version: 1,
    settings: { budget, granularity, ...special },
    inputs: {
      base: base.step,
      full,
      ...Object.fromEntries(Object.entries(others).map(([name, step]) => [`full ${name}`, step])),
    },
    async run(context) {
      const folderOf = (step: Step): string => join(context.folderOf(step), FULL);
      const { split, items } = await splitCheckpoints({
        ...choice,
        base: base.folderIn(context),
        tuned: folderOf(full),
        others: Object.values(others).map((step) => ({ folder: folderOf(step) })),
      });
      await writeSplit(join(context.folder, SPLIT_FILE), split);
      const { total, budget: allowed } = split;
      const hash = sha256(canonicalJson(split as unknown as Json));
      return { output: { hash, total, budget: allowed.parameters, summary: summarizeSplit(split, items) } };
    },
  };
}
