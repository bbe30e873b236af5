import { join } from 'node:path';
import { baseHash } from '../../models/checkpoint.js';
import type { Step } from '../graph.js';
import { trainingWork } from '../work/training.js';
import { finetuneIdentity, runFinetune, type FinetuneTarget } from './finetune.js';
import { rateIdentity, rateIn, type Rate } from './rate.js';

/** Folder of the checkpoint within the step's. */
export const FULL = 'checkpoint';

/** Fine-tunes the whole base at a level. */
export function fullStep(target: FinetuneTarget, rate: Rate): Step<{ hash: string }> {
  const { settings, inputs } = finetuneIdentity(target);
  const rated = rateIdentity(rate);
  return {
    id: `full ${target.images.level.text}`,
    kind: 'full',
    version: 1,
    settings,
    inputs: { ...inputs, ...rated.inputs },
    known: rated.known,
    work: [trainingWork(target)],
    async run(context) {
      const out = join(context.folder, FULL);
      const notes = await runFinetune(context, target, { learningRate: rateIn(context, rate), out });
      return { output: { hash: await baseHash(out) }, notes };
    },
  };
}
