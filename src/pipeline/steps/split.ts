import { join } from 'node:path';
import { canonicalJson, sha256 } from '../../common/files.js';
import { blankNetworkOf } from '../../models/checkpoint.js';
import { splitOfSummary, summarizeSplit } from '../../select/split-summary.js';
import { itemsOf } from '../../select/items.js';
import { chosenBy, type Split, writeSplit } from '../../select/split.js';
import { splitCheckpoints } from '../../select/split-checkpoints.js';
import type { Step } from '../graph.js';
import type { StepKind } from '../step-kinds.js';
import { readGradients } from './gradients.js';
import { CHECKPOINT, SPLIT_FILE } from './outputs.js';
import type { Base, ItemChoice, SplitStep } from './target.js';

/** What a choice looks at of one level. */
export interface LevelSources {
  full: Step;
  /** Gradients of the level's loss, for values that need them. */
  gradients?: Step;
}

/** What a choice looks at. */
export interface SplitSources extends LevelSources {
  base: Base;
  /** The other levels', by level, where all levels share the choice. */
  others?: Readonly<Record<string, LevelSources>>;
}

/** Measures what full fine-tuning changed at a level, and chooses what to adapt. */
export function splitStep(id: string, { base, others = {}, ...own }: SplitSources, choice: ItemChoice): SplitStep {
  const { budget, granularity, choose, seed } = choice;
  return {
    id,
    kind: 'split' satisfies StepKind,
    version: 1,
    settings: { ...choice, seed: choose === 'random' ? seed : null },
    choice,
    inputs: Object.assign(
      { base: base.step },
      inputsOf(own, ''),
      ...Object.entries(others).map(([name, other]) => inputsOf(other, ` ${name}`)),
    ) as Step['inputs'],
    async run(context) {
      const read = async ({ full, gradients }: LevelSources) => ({
        folder: join(context.folderOf(full), CHECKPOINT),
        gradients: gradients && (await readGradients(context, gradients)),
      });
      const { folder: tuned, gradients } = await read(own);
      const { split, items } = await splitCheckpoints({
        ...{ ...choice, base: base.folderIn(context), tuned, gradients },
        others: await Promise.all(Object.values(others).map(read)),
      });
      await writeSplit(join(context.folder, SPLIT_FILE), split);
      const { total, budget: allowed } = split;
      return {
        output: { hash: hashOf(split), total, budget: allowed.parameters, summary: summarizeSplit(split, items) },
      };
    },
    async restore({ hash, total, budget: parameters, summary }, context) {
      const { hash: baseHash } = context.output(base.step);
      const counted = blankNetworkOf(await base.load());
      const items = itemsOf(counted.parameters, granularity);
      counted.dispose();
      const rest = { baseHash, granularity, ...chosenBy(choice), budget: { text: budget, parameters }, total };
      const split = splitOfSummary(summary, items, rest);
      await writeSplit(join(context.folder, SPLIT_FILE), split);
      return hashOf(split) === hash;
    },
  };
}

function inputsOf({ full, gradients }: LevelSources, suffix: string): Step['inputs'] {
  return { [`full${suffix}`]: full, ...(gradients && { [`gradients${suffix}`]: gradients }) };
}

function hashOf(split: Split): string {
  return sha256(canonicalJson(split));
}
