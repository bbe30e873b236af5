import { CLEAN } from '../../distort/level.js';
import { networkOf, type Checkpoint } from '../../models/checkpoint.js';
import type { Network } from '../../models/network.js';
import { parseBudget } from '../../select/budget.js';
import { choosers, type ChooserName } from '../../select/choosers/registry.js';
import type { Granularity } from '../../select/item.js';
import { itemsOf, totalParameters } from '../../select/items.js';
import { spreadRanks } from '../../select/ranks.js';
import { runOf, type FinetuneOptions } from '../../train/finetune.js';
import type { FitOptions } from '../../train/fit-options.js';
import { measureTraining } from '../../train/measure.js';
import { prepareFit } from '../../train/run.js';
import { parseSchedule } from '../../train/schedule.js';
import type { StabilityOptions } from '../../train/objectives/stability.js';
import { without, type FinetuneTarget } from '../steps/finetune.js';
import { parseSize } from '../steps/size.js';
import { formatSeconds, type Measured, type Work } from './work.js';

/** What is trained, where it is not the whole network on plain images. */
export interface TrainingForm {
  stability?: StabilityOptions;
  /** Low-rank changes of this budget. */
  lora?: { budget: string };
  /** An adaptor's items, as far as they are known before the networks that they are chosen by. */
  choice?: { budget: string; granularity: Granularity; choose?: ChooserName; seed?: number };
}

/**
 * Training of a target; a unit is an optimizer step.
 *
 * @param images how many samples it trains on; all of the target's unless said
 */
export function trainingWork(
  target: FinetuneTarget,
  { form = {}, images = target.images.count, epochs }: { form?: TrainingForm; images?: number; epochs?: number } = {},
): Work {
  return {
    kind: `training step, ${nameOf(form)}`,
    images,
    passes: epochs ?? target.settings.config.epochs,
    measure: async ({ signal }) => {
      const base = await target.base.load();
      const { dataset, slice } = target.images;
      const config = without(target.settings.config, 'learningRate');
      const { size, schedule } = config;
      return measureRun(base, form, {
        ...config,
        size: parseSize(size),
        schedule: parseSchedule(schedule),
        seed: target.settings.seed,
        engine: target.settings.engine,
        workers: target.settings.workers,
        data: dataset.spec,
        samples: slice,
        level: CLEAN.text,
        stability: form.stability,
        checkpoint: base.folder,
        out: '',
        signal,
      });
    },
  };
}

function nameOf({ stability, lora, choice }: TrainingForm): string {
  if (stability) return 'stability';
  if (lora) return 'low-rank changes';
  if (!choice) return 'whole network';
  return choice.choose === undefined || choice.choose === 'knapsack' ? 'adaptor' : `adaptor (${choice.choose})`;
}

/** Times a step of a fine-tune of `base`, on clean images. */
export async function measureRun(base: Checkpoint, form: TrainingForm, options: FinetuneOptions): Promise<Measured> {
  const network = networkOf(base);
  try {
    const fit = { ...(await prepareFit(await runOf(options, base), network)), ...trained(network, form) };
    const { step, reading } = await measureTraining(fit);
    const { batch, augment } = fit.settings;
    const [height, width] = augment.crop;
    const what = `a step of ${batch} at ${height}x${width} takes ${formatSeconds(step)}, its images ${formatSeconds(reading)} beside it`;
    const items = form.choice ? '; for the items to be chosen stand those of equal values' : '';
    return { images: batch, seconds: Math.max(step, reading), how: `${what}${items}` };
  } finally {
    network.dispose();
  }
}

/** What a form trains in a network. */
function trained(network: Network, { choice, lora }: TrainingForm): Pick<FitOptions, 'trainable' | 'lora'> {
  const allowed = (budget: string): number => parseBudget(budget, totalParameters(network.parameters));
  if (lora) return { lora: { ranks: spreadRanks(network.parameters, allowed(lora.budget)) } };
  if (!choice) return {};
  const { budget, granularity, choose = 'knapsack', seed = 0 } = choice;
  const items = itemsOf(network.parameters, granularity);
  const equal = items.map((item) => ({ ...item, value: 1 }));
  const chosen = choosers[choose].choose(equal, allowed(budget), seed);
  return { trainable: new Set(chosen.flatMap((index) => items[index]!.tensors)) };
}
