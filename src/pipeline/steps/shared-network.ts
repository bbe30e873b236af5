import { join } from 'node:path';
import { baseHash } from '../../models/checkpoint.js';
import type { StabilityOptions } from '../../train/objectives/stability.js';
import type { Step } from '../graph.js';
import { imagesIdentity } from '../images.js';
import { trainingWork } from '../work/training.js';
import { finetuneIdentity, runFinetune, type FinetuneTarget, without } from './finetune.js';
import { FULL } from './full.js';
import { rateIdentity, rateIn, type Rate } from './rate.js';

/** Fine-tunes the whole base on images of all levels, each epoch drawing one level anew for every sample. */
export function mixedStep(name: string, targets: readonly FinetuneTarget[], rate: Rate): Step<{ hash: string }> {
  const [first] = targets;
  const { settings, inputs } = finetuneIdentity(first!);
  const levels = targets.map(({ images }) => images.level.text);
  const read = targets.map(({ images }) => imagesIdentity(images).settings);
  const copies = targets.map((target) => [
    `images ${target.images.level.text}`,
    imagesIdentity(target.images).inputs.images!,
  ]);
  const rated = rateIdentity(rate);
  return {
    id: `network ${name}`,
    kind: 'mixed',
    version: 1,
    settings: { ...without(settings, 'level'), ...(Object.assign({}, ...read) as object), levels },
    inputs: { ...without(inputs, 'images'), ...(Object.fromEntries(copies) as Record<string, Step>), ...rated.inputs },
    known: rated.known,
    work: [trainingWork(first!)],
    async run(context) {
      const out = join(context.folder, FULL);
      const mixture = targets.map(({ images }) => images);
      const notes = await runFinetune(context, first!, { learningRate: rateIn(context, rate), out, mixture });
      return { output: { hash: await baseHash(out) }, notes };
    },
  };
}

/** Fine-tunes the whole base on clean images, to answer the same on them with noise. */
export function stabilityStep(
  name: string,
  target: FinetuneTarget,
  rate: Rate,
  stability: StabilityOptions,
): Step<{ hash: string }> {
  const { settings, inputs } = finetuneIdentity(target);
  const rated = rateIdentity(rate);
  return {
    id: `network ${name}`,
    kind: 'stability',
    version: 1,
    settings: { ...settings, ...stability },
    inputs: { ...inputs, ...rated.inputs },
    known: rated.known,
    work: [trainingWork(target, { form: { stability } })],
    async run(context) {
      const out = join(context.folder, FULL);
      const notes = await runFinetune(context, target, { learningRate: rateIn(context, rate), out, stability });
      return { output: { hash: await baseHash(out) }, notes };
    },
  };
}
