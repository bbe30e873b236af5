import { join } from 'node:path';
import { adaptorFiles, readAdaptorConfig } from '../../adaptor/file.js';
import { sha256File } from '../../common/files.js';
import { baseHash } from '../../models/checkpoint.js';
import { parseAdaptation } from '../../train/adaptations/registry.js';
import { parseObjective } from '../../train/objectives/registry.js';
import type { Json, Step } from '../graph.js';
import type { StepKind } from '../step-kinds.js';
import { trainingWorkload } from '../work/training.js';
import { finetuneIdentity, runFinetune } from './finetune.js';
import { ADAPTOR, CHECKPOINT, type AdaptorOutput, type NetworkOutput } from './outputs.js';
import { rateIdentity, rateIn, type Rate } from './rate.js';
import type { FinetuneTarget } from './target.js';

/** A step that fine-tunes. */
export interface TunedStep<Output extends Json> extends Step<Output> {
  target: FinetuneTarget;
  /** Folder of the result within the step's. */
  name: typeof CHECKPOINT | typeof ADAPTOR;
  /** What a result comes to. */
  outcome(folder: string): Promise<Output>;
}

/**
 * Fine-tunes a target into a whole network.
 *
 * @param id `full LEVEL`, or `network METHOD` of one that serves all levels
 */
export function networkStep(id: string, target: FinetuneTarget, rate: Rate): TunedStep<NetworkOutput> {
  const outcome = async (folder: string): Promise<NetworkOutput> => ({ hash: await baseHash(folder) });
  return tuneStep(id, target, rate, { name: CHECKPOINT, outcome });
}

/**
 * Fine-tunes a target into an adaptor, all that it leaves of the base frozen.
 *
 * @param id `adaptor LEVEL`, with the method's name in it where it is another than the adaptor
 */
export function adaptorStep(id: string, target: FinetuneTarget, rate: Rate): TunedStep<AdaptorOutput> {
  return tuneStep(id, target, rate, { name: ADAPTOR, outcome: adaptorOutcome });
}

/** What an adaptor in a folder comes to. */
export async function adaptorOutcome(folder: string): Promise<AdaptorOutput> {
  const { parameters } = await readAdaptorConfig(folder);
  return { hash: await sha256File(join(folder, adaptorFiles(folder)!.tensors)), parameters };
}

function tuneStep<Output extends Json>(
  id: string,
  target: FinetuneTarget,
  rate: Rate,
  result: Pick<TunedStep<Output>, 'name' | 'outcome'>,
): TunedStep<Output> {
  const { settings, inputs, reads } = finetuneIdentity(target);
  const rated = rateIdentity(rate);
  return {
    ...{ id, target, ...result },
    kind: kindOf(target),
    version: 1,
    settings,
    inputs: { ...inputs, ...rated.inputs },
    reads,
    known: rated.known,
    // What nothing is trained of takes a pass over the images through its first layers.
    workloads: target.settings.config.steps === 0 ? [] : [trainingWorkload(target)],
    async run(context) {
      const out = join(context.folder, result.name);
      const notes = await runFinetune(context, target, { learningRate: rateIn(context, rate), out });
      return { output: await result.outcome(out), notes };
    },
  };
}

/** By what addresses call a fine-tune: they keep the names of a time when images, objective and adaptation were one choice. */
function kindOf({ mixture, named, objective = 'labels', split, adapt = 'whole' }: FinetuneTarget): StepKind {
  if (mixture && named === undefined) return 'mixed';
  if (parseObjective(objective).name === 'stability') return 'stability';
  if (split) return 'adaptor';
  const { name } = parseAdaptation(adapt);
  return name === 'whole' ? 'full' : (name as StepKind);
}
