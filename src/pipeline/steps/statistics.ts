import { join } from 'node:path';
import { refreshStatistics } from '../../train/refresh-statistics.js';
import { engineSettings } from '../engine-settings.js';
import type { Json, Step } from '../graph.js';
import { evaluationWorkload } from '../work/evaluation.js';
import { without } from '../without.js';
import { finetuneOptions, type FinetuneCall } from './finetune.js';
import { ADAPTOR, CHECKPOINT, type AdaptorOutput, type NetworkOutput } from './outputs.js';
import type { FinetuneTarget } from './target.js';
import { adaptorOutput, networkOutput } from './tune.js';

/** What of a fine-tune has no part in the statistics that it ends with. */
const OF_TRAINING = ['schedule', 'momentum', 'weightDecay'] as const;

/** What a step fine-tuned, and how. */
export interface TunedStep<Output extends Json> {
  /** `statistics METHOD`, with the level where there is one. */
  id: string;
  step: Step<Output>;
  target: FinetuneTarget;
  call?: Pick<FinetuneCall, 'mixture' | 'stability'>;
}

/** An adaptor with means over one more epoch for its running statistics. */
export function preciseAdaptorStep(tuned: TunedStep<AdaptorOutput>): Step<AdaptorOutput> {
  return preciseStep(tuned, 'adaptor', ADAPTOR, adaptorOutput);
}

/** A whole network with means over one more epoch for its running statistics. */
export function preciseNetworkStep(tuned: TunedStep<NetworkOutput>): Step<NetworkOutput> {
  return preciseStep(tuned, 'network', CHECKPOINT, networkOutput);
}

function preciseStep<Output extends Json>(
  { id, step, target, call }: TunedStep<Output>,
  form: 'network' | 'adaptor',
  name: string,
  outcome: (out: string) => Promise<Output>,
): Step<Output> {
  const { settings: given, images, base } = target;
  const settings = { ...given, engine: { ...given.engine, precision: 'fp32' as const } };
  const own = without(step.settings as { [name: string]: Json }, ...OF_TRAINING);
  return {
    id,
    kind: 'statistics',
    version: 1,
    // The images of the fine-tune, in batches as it took them.
    settings: { ...own, form, engine: engineSettings(settings.engine) },
    inputs: { ...without(step.inputs, 'rate', 'split'), tuned: step },
    workloads: [evaluationWorkload(base, images, settings)],
    async run(context) {
      const out = join(context.folder, name);
      const options = await finetuneOptions(context, { base, images, settings }, call);
      await refreshStatistics({ ...options, tuned: join(context.folderOf(step), name), form, out });
      return { output: await outcome(out) };
    },
  };
}
