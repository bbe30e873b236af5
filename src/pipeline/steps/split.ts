import { join } from 'node:path';
import { canonicalJson, sha256 } from '../../common/files.js';
import type { SplitSummary } from '../../report/results.js';
import { createNetwork } from '../../models/registry.js';
import { splitOfSummary, summarizeSplit } from '../../report/split-summary.js';
import type { ChooserName } from '../../select/choosers/registry.js';
import type { Granularity } from '../../select/item.js';
import { itemsOf } from '../../select/items.js';
import { type Split, writeSplit } from '../../select/split.js';
import { splitCheckpoints } from '../../select/split-checkpoints.js';
import type { ValueName } from '../../select/values/registry.js';
import type { Step } from '../graph.js';
import type { Base } from './base.js';
import { FULL } from './full.js';
import { readGradients } from './gradients.js';

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

/** What of a choice is known before the networks that it looks at. */
export function choiceOf({ settings }: Step<SplitOutput>): SettledChoice {
  return settings as SettledChoice;
}

type SettledChoice = Pick<SplitChoice, 'budget' | 'granularity'> & Partial<Pick<SplitChoice, 'choose' | 'seed'>>;

/** What a choice looks at of one level. */
export interface TunedSteps {
  full: Step;
  /** Gradients of the level's loss, for values that need them. */
  gradients?: Step;
}

/** What a choice looks at. */
export interface SplitSources extends TunedSteps {
  base: Base;
  /** The other levels', by level, where all levels share the choice. */
  others?: Readonly<Record<string, TunedSteps>>;
}

/** Measures what full fine-tuning changed at a level, and chooses what to adapt. */
export function splitStep(
  level: string,
  { base, full, gradients, others = {} }: SplitSources,
  choice: SplitChoice,
): Step<SplitOutput> {
  const { budget, granularity, values, choose, seed } = choice;
  // What is as in the paper is left out, so that splits have kept the addresses that they had when there was no other.
  const special = {
    ...(values !== 'change' && { values }),
    ...(choose !== 'knapsack' && { choose }),
    ...(choose === 'random' && { seed }),
  };
  const settings = { budget, granularity, ...special };
  return {
    id: `split ${level}`,
    kind: 'split',
    version: 1,
    settings,
    inputs: {
      base: base.step,
      full,
      ...(gradients && { gradients }),
      ...Object.fromEntries(Object.entries(others).map(([name, other]) => [`full ${name}`, other.full])),
      ...Object.fromEntries(
        Object.entries(others).flatMap(([name, other]) =>
          other.gradients ? [[`gradients ${name}`, other.gradients]] : [],
        ),
      ),
    },
    async run(context) {
      const folderOf = (step: Step): string => join(context.folderOf(step), FULL);
      const { split, items } = await splitCheckpoints({
        ...choice,
        base: base.folderIn(context),
        tuned: folderOf(full),
        gradients: gradients && (await readGradients(context, gradients)),
        others: await Promise.all(
          Object.values(others).map(async (other) => ({
            folder: folderOf(other.full),
            gradients: other.gradients && (await readGradients(context, other.gradients)),
          })),
        ),
      });
      await writeSplit(join(context.folder, SPLIT_FILE), split);
      const { total, budget: allowed } = split;
      return {
        output: { hash: hashOf(split), total, budget: allowed.parameters, summary: summarizeSplit(split, items) },
      };
    },
    async restore({ hash, total, budget: parameters, summary }, context) {
      const { hash: baseHash, network } = context.output(base.step);
      const counted = createNetwork(network);
      const items = itemsOf(counted.parameters, granularity);
      counted.dispose();
      const { values: special, choose: chooser } = settings as Partial<SplitChoice>;
      const rest = { baseHash, granularity, values: special, chooser, budget: { text: budget, parameters }, total };
      const split = splitOfSummary(summary, items, rest);
      await writeSplit(join(context.folder, SPLIT_FILE), split);
      return hashOf(split) === hash;
    },
  };
}

function hashOf(split: Split): string {
  return sha256(canonicalJson(split));
}
