import { CLEAN } from '../../distort/level.js';
import { networkOf, type Checkpoint } from '../../models/checkpoint.js';
import type { Network } from '../../models/network.js';
import { parseBudget } from '../../select/budget.js';
import { choosers } from '../../select/choosers/registry.js';
import { itemsOf, totalParameters } from '../../select/items.js';
import { spreadRanks } from '../../select/ranks.js';
import { runOf, type FinetuneOptions } from '../../train/finetune.js';
import type { FitOptions } from '../../train/fit-options.js';
import { measureTraining } from '../../train/measure.js';
import { prepareFit } from '../../train/run.js';
import { commonOptions, type FinetuneCall } from '../steps/finetune.js';
import type { FinetuneTarget, ItemChoice } from '../steps/target.js';
import { formatSeconds, type Measured, type Workload } from './workload.js';

/** What is trained, where it is not the whole network on plain images. */
type Form = Pick<FinetuneCall, 'stability' | 'lora'> & {
  /** An adaptor's items, as far as they are known before the networks that they are chosen by. */
  choice?: ItemChoice;
};

/**
 * Training of a target; a unit is an optimizer step.
 *
 * @param images how many samples it trains on. Default: all of the target's
 */
export function trainingWorkload(
  { base, images: { dataset, slice, count }, settings, split }: FinetuneTarget,
  {
    stability,
    lora,
    epochs,
    images = count,
  }: Pick<FinetuneCall, 'stability' | 'lora' | 'epochs'> & { images?: number } = {},
): Workload {
  const form = { stability, lora, choice: split?.choice };
  return {
    kind: `training step, ${nameOf(form)}`,
    images,
    passes: epochs ?? settings.config.epochs,
    measure: async ({ signal }) => {
      const checkpoint = await base.load();
      const place = { data: dataset.spec, samples: slice, level: CLEAN.text, checkpoint: checkpoint.folder, out: '' };
      return measureTrainingOf(checkpoint, form, { ...commonOptions(settings), ...place, stability, signal });
    },
  };
}

function nameOf({ stability, lora, choice }: Form): string {
  if (stability) return 'stability';
  if (lora) return 'low-rank changes';
  if (!choice) return 'whole network';
  return choice.choose === 'knapsack' ? 'adaptor' : `adaptor (${choice.choose})`;
}

/** Times a step of a fine-tune of `base`, on clean images. */
export async function measureTrainingOf(base: Checkpoint, form: Form, options: FinetuneOptions): Promise<Measured> {
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
function trained(network: Network, { choice, lora }: Form): Pick<FitOptions, 'trainable' | 'lora'> {
  const allowed = (budget: string): number => parseBudget(budget, totalParameters(network.parameters));
  if (lora) return { lora: { ranks: spreadRanks(network.parameters, allowed(lora.budget)) } };
  if (!choice) return {};
  const { budget, granularity, choose, seed } = choice;
  const items = itemsOf(network.parameters, granularity);
  const equal = items.map((item) => ({ ...item, value: 1 }));
  const chosen = choosers[choose].choose(equal, allowed(budget), seed);
  return { trainable: new Set(chosen.flatMap((index) => items[index]!.tensors)) };
}
