import { join } from 'node:path';
import { LORA_TENSORS, readLoraConfig } from '../../adaptor/lora.js';
import { sha256File } from '../../common/files.js';
import type { Step } from '../graph.js';
import { ADAPTOR, type AdaptorOutput } from './adaptor.js';
import { trainingWork } from '../work/training.js';
import { finetuneIdentity, runFinetune, type FinetuneTarget } from './finetune.js';
import { rateIdentity, rateIn, type Rate } from './rate.js';

/** Trains low-rank changes of the base's convolutions at a level. */
export function loraStep(name: string, target: FinetuneTarget, rate: Rate, budget: string): Step<AdaptorOutput> {
  const { settings, inputs } = finetuneIdentity(target);
  const rated = rateIdentity(rate);
  return {
    id: `adaptor ${name} ${target.images.level.text}`,
    kind: 'lora',
    version: 1,
    settings: { ...settings, budget },
    inputs: { ...inputs, ...rated.inputs },
    known: rated.known,
    work: [trainingWork(target, { form: { lora: { budget } } })],
    async run(context) {
      const out = join(context.folder, ADAPTOR);
      const notes = await runFinetune(context, target, { learningRate: rateIn(context, rate), out, lora: { budget } });
      const { parameters } = await readLoraConfig(out);
      return { output: { hash: await sha256File(join(out, LORA_TENSORS)), parameters }, notes };
    },
  };
}
