import { join } from 'node:path';
import { refreshStatistics } from '../../train/refresh-statistics.js';
import { engineSettings } from '../engine-settings.js';
import type { Json, Step } from '../graph.js';
import type { StepKind } from '../step-kinds.js';
import { evaluationWorkload } from '../work/evaluation.js';
import { without } from '../without.js';
import { finetuneOptions } from './finetune.js';
import { ADAPTOR } from './outputs.js';
import type { TunedStep } from './tune.js';

/** What of a fine-tune has no part in the statistics that it ends with. */
const OF_TRAINING = ['schedule', 'momentum', 'weightDecay', 'average'] as const;

/**
 * What a step fine-tuned, with means over one more epoch for its running statistics.
 *
 * @param id `statistics METHOD`, with the level where there is one
 */
export function preciseStep<Output extends Json>(id: string, tuned: TunedStep<Output>): Step<Output> {
  const { target, name, outcome } = tuned;
  const { images, base, mixture, named, part, objective } = target;
  const settings = { ...target.settings, engine: { ...target.settings.engine, precision: 'fp32' as const } };
  const form = name === ADAPTOR ? 'adaptor' : 'network';
  const own = without(tuned.settings as { [name: string]: Json }, ...OF_TRAINING);
  return {
    id,
    kind: 'statistics' satisfies StepKind,
    version: 1,
    // The images of the fine-tune, in batches as it took them.
    settings: { ...own, form, engine: engineSettings(settings.engine) },
    inputs: { ...without(tuned.inputs, 'rate', 'split'), tuned },
    workloads: [evaluationWorkload(base, images, settings)],
    async run(context) {
      const out = join(context.folder, name);
      const options = await finetuneOptions(context, { base, images, mixture, named, part, objective, settings });
      await refreshStatistics({ ...options, tuned: join(context.folderOf(tuned), name), form, out });
      return { output: await outcome(out) };
    },
  };
}
