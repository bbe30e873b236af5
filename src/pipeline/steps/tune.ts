import { join } from 'node:path';
import { readAdaptorConfig } from '../../adaptor/file.js';
import { LORA_TENSORS, readLoraConfig } from '../../adaptor/lora.js';
import { sha256File } from '../../common/files.js';
import { baseHash } from '../../models/checkpoint.js';
import type { StabilityOptions } from '../../train/objectives/stability.js';
import type { Json, Step } from '../graph.js';
import { without } from '../without.js';
import { trainingWorkload } from '../work/training.js';
import { finetuneIdentity, runFinetune, sizeOfMixture, type FinetuneCall } from './finetune.js';
import { ADAPTOR, CHECKPOINT, type AdaptorOutput, type NetworkOutput } from './outputs.js';
import { rateIdentity, rateIn, type Rate } from './rate.js';
import type { FinetuneTarget } from './target.js';

/** A step that fine-tunes. */
export interface TunedStep<Output extends Json> extends Step<Output> {
  target: FinetuneTarget;
  /** What it is beside a plain fine-tune. */
  call?: Pick<FinetuneCall, 'mixture' | 'stability' | 'lora'>;
  /** Folder of the result within the step's. */
  name: typeof CHECKPOINT | typeof ADAPTOR;
  /** What a result comes to. */
  outcome(folder: string): Promise<Output>;
}

type Tuning<Output extends Json> = Pick<TunedStep<Output>, 'id' | 'kind' | 'target' | 'call' | 'name' | 'outcome'> & {
  rate: Rate;
};

function tuneStep<Output extends Json>({ rate, ...tuning }: Tuning<Output>): TunedStep<Output> {
  const { target, call, name, outcome } = tuning;
  const { settings, inputs, reads } = finetuneIdentity(target);
  const rated = rateIdentity(rate);
  return {
    ...tuning,
    version: 1,
    settings: { ...settings, ...call?.stability, ...call?.lora },
    inputs: { ...inputs, ...rated.inputs },
    reads,
    known: rated.known,
    workloads: [trainingWorkload(target, call)],
    async run(context) {
      const out = join(context.folder, name);
      const notes = await runFinetune(context, target, { ...call, learningRate: rateIn(context, rate), out });
      return { output: await outcome(out), notes };
    },
  };
}

/** Fine-tunes the whole base at a level. */
export function fullStep(target: FinetuneTarget, rate: Rate): TunedStep<NetworkOutput> {
  return networkStep({ id: `full ${target.images.level.text}`, kind: 'full', target, rate });
}

/** Fine-tunes the whole base on clean images, to answer the same on them with noise. */
export function stabilityStep(
  name: string,
  target: FinetuneTarget,
  rate: Rate,
  stability: StabilityOptions,
): TunedStep<NetworkOutput> {
  return networkStep({ id: `network ${name}`, kind: 'stability', target, rate, call: { stability } });
}

/** Fine-tunes the whole base on images of all levels, each epoch drawing one level anew for every sample. */
export function mixedStep(name: string, targets: readonly FinetuneTarget[], rate: Rate): TunedStep<NetworkOutput> {
  const mixture = targets.map(({ images }) => images);
  const step = networkStep({ id: `network ${name}`, kind: 'mixed', target: targets[0]!, rate, call: { mixture } });
  return {
    ...step,
    settings: {
      ...without(step.settings as { [name: string]: Json }, 'level'),
      inferSize: sizeOfMixture(mixture),
      levels: mixture.map(({ level }) => level.text),
    },
    inputs: {
      ...without(step.inputs, 'images'),
      ...Object.fromEntries(mixture.map(({ level, copy }) => [`images ${level.text}`, copy!])),
    },
  };
}

function networkStep(tuning: Omit<Tuning<NetworkOutput>, 'name' | 'outcome'>): TunedStep<NetworkOutput> {
  return tuneStep({ ...tuning, name: CHECKPOINT, outcome: networkOutput });
}

/**
 * Fine-tunes the items of a split at its level, the rest of the base frozen.
 *
 * @param id `adaptor LEVEL`, with the method's name in it where it is another than the adaptor
 */
export function adaptorStep(target: Required<FinetuneTarget>, rate: Rate, id: string): TunedStep<AdaptorOutput> {
  return tuneStep({ id, kind: 'adaptor', target, rate, name: ADAPTOR, outcome: adaptorOutput });
}

/** Trains low-rank changes of the base's convolutions at a level. */
export function loraStep(name: string, target: FinetuneTarget, rate: Rate, budget: string): TunedStep<AdaptorOutput> {
  const id = `adaptor ${name} ${target.images.level.text}`;
  return tuneStep({ id, kind: 'lora', target, rate, call: { lora: { budget } }, name: ADAPTOR, outcome: loraOutput });
}

async function networkOutput(folder: string): Promise<NetworkOutput> {
  return { hash: await baseHash(folder) };
}

async function adaptorOutput(folder: string): Promise<AdaptorOutput> {
  const hash = await sha256File(join(folder, 'adaptor.safetensors'));
  const { parameters } = await readAdaptorConfig(folder);
  return { hash, parameters };
}

async function loraOutput(folder: string): Promise<AdaptorOutput> {
  const { parameters } = await readLoraConfig(folder);
  return { hash: await sha256File(join(folder, LORA_TENSORS)), parameters };
}
