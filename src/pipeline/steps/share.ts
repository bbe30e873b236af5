import { join } from 'node:path';
import { weaken } from '../../adapt/weaken.js';
import { loadCheckpoint } from '../../models/checkpoint.js';
import type { Step } from '../graph.js';
import type { StepKind } from '../step-kinds.js';
import { ADAPTOR, type AdaptorOutput } from './outputs.js';
import type { Base } from './target.js';
import { adaptorOutcome } from './tune.js';

/**
 * An adaptor that goes a share of the way from the base to the one that a step made, running statistics too.
 *
 * @param id `share METHOD LEVEL`
 * @param share over 0, below 1
 * @source Wortsman et al., Robust fine-tuning of zero-shot models (CVPR 2022)
 */
export function shareStep(id: string, base: Base, tuned: Step<AdaptorOutput>, share: number): Step<AdaptorOutput> {
  return {
    id,
    kind: 'share' satisfies StepKind,
    version: 1,
    settings: { share },
    inputs: { base: base.step, tuned },
    async run(context) {
      const out = join(context.folder, ADAPTOR);
      const original = await loadCheckpoint(base.folderIn(context));
      await weaken(join(context.folderOf(tuned), ADAPTOR), original, share, out);
      return { output: await adaptorOutcome(out) };
    },
  };
}
