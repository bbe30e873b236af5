import { join } from 'node:path';
import { canonicalJson, sha256 } from '../../common/files.js';
import type { SplitSummary } from '../../report/results.js';
import { summarizeSplit } from '../../report/split-summary.js';
import type { Granularity } from '../../select/item.js';
import { writeSplit } from '../../select/split.js';
import { splitCheckpoints } from '../../select/split-checkpoints.js';
import type { Step } from '../graph.js';
import type { Base } from './base.js';
import { FULL } from './full.js';

export const SPLIT_FILE = 'split.json';

export type SplitOutput = { hash: string; total: number; budget: number; summary: SplitSummary };

/** Measures what full fine-tuning changed at a level, and chooses what to adapt. */
export function splitStep(
  base: Base,
  full: Step,
  { level, budget, granularity }: { level: string; budget: string; granularity: Granularity },
): Step<SplitOutput> {
  return {
    id: `split ${level}`,
    kind: 'split',
    version: 1,
    settings: { budget, granularity },
    inputs: { base: base.step, full },
    async run(context) {
      const tuned = join(context.folderOf(full), FULL);
      const { split, items } = await splitCheckpoints({ base: base.folderIn(context), tuned, budget, granularity });
      await writeSplit(join(context.folder, SPLIT_FILE), split);
      const { total, budget: allowed } = split;
      const hash = sha256(canonicalJson(split));
      return { output: { hash, total, budget: allowed.parameters, summary: summarizeSplit(split, items) } };
    },
  };
}
