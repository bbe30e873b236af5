import { join } from 'node:path';
import { readAdaptorConfig } from '../../adaptor/file.js';
import { sha256File } from '../../common/files.js';
import type { Step } from '../graph.js';
import { trainingWork } from '../work/training.js';
import { finetuneIdentity, runFinetune, type FinetuneTarget } from './finetune.js';
import { rateIdentity, rateIn, type Rate } from './rate.js';
import { choiceOf } from './split.js';

/** Folder of the adaptor within the step's. */
export const ADAPTOR = 'adaptor';

export type AdaptorOutput = { hash: string; parameters: number };

/**
 * Fine-tunes the items of a split at its level, the rest of the base frozen.
 *
 * @param id `adaptor LEVEL`, with the method's name in it where it is another than the adaptor
 */
export function adaptorStep(target: Required<FinetuneTarget>, rate: Rate, id: string): Step<AdaptorOutput> {
  const { settings, inputs, reads } = finetuneIdentity(target);
  const rated = rateIdentity(rate);
  return {
    id,
    kind: 'adaptor',
    version: 1,
    settings,
    inputs: { ...inputs, ...rated.inputs },
    reads,
    known: rated.known,
    work: [trainingWork(target, { form: { choice: choiceOf(target.split) } })],
    async run(context) {
      const out = join(context.folder, ADAPTOR);
      const notes = await runFinetune(context, target, { learningRate: rateIn(context, rate), out });
      return { output: await adaptorOutput(out), notes };
    },
  };
}

/** What a step came to that wrote an adaptor. */
export async function adaptorOutput(folder: string): Promise<AdaptorOutput> {
  const hash = await sha256File(join(folder, 'adaptor.safetensors'));
  const { parameters } = await readAdaptorConfig(folder);
  return { hash, parameters };
}
