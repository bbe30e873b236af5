import { sizeText } from '../../data/augment.js';
import { CLEAN } from '../../distort/level.js';
import { networkOf, type Checkpoint } from '../../models/checkpoint.js';
import type { Network } from '../../models/network.js';
import { parseBudget } from '../../select/budget.js';
import { choosers } from '../../select/choosers/registry.js';
import { itemsOf, totalParameters } from '../../select/items.js';
import { tensors } from '../../train/adaptations/items.js';
import { parseAdaptation } from '../../train/adaptations/registry.js';
import { runOf, type FinetuneOptions } from '../../train/finetune.js';
import { parseObjective } from '../../train/objectives/registry.js';
import { measureTraining } from '../../train/measure.js';
import { prepareFit } from '../../train/prepare-fit.js';
import { commonOptions, type FinetuneCall } from '../steps/finetune.js';
import type { FinetuneTarget, ItemChoice } from '../steps/target.js';
import { formatSeconds, type Measured, type Workload } from './workload.js';

/**
 * Training of a target; a unit is an optimizer step.
 *
 * @param images how many samples it trains on. Default: all of the target's
 */
export function trainingWorkload(
  target: FinetuneTarget,
  { epochs, images = target.images.count }: Pick<FinetuneCall, 'epochs'> & { images?: number } = {},
): Workload {
  const { base, settings, split, adapt, objective } = target;
  const { dataset, slice } = target.images;
  return {
    kind: `training step, ${nameOf(target)}`,
    images,
    passes: epochs ?? settings.config.epochs,
    units: epochs === undefined ? settings.config.steps : undefined,
    measure: async ({ signal }) => {
      const checkpoint = await base.load();
      const place = { data: dataset.spec, samples: slice, level: CLEAN.text, checkpoint: checkpoint.folder };
      const options = { ...commonOptions(settings), ...place, adapt, objective, signal };
      return measureTrainingOf(checkpoint, options, split?.choice);
    },
  };
}

function nameOf({ split, adapt = 'whole', objective = 'labels' }: FinetuneTarget): string {
  const { name } = parseObjective(objective);
  const what = split ? choiceName(split.choice) : parseAdaptation(adapt).description;
  return name === 'labels' ? what : `${what}, ${name}`;
}

function choiceName({ choose }: ItemChoice): string {
  return choose === 'knapsack' ? 'adaptor' : `adaptor (${choose})`;
}

/**
 * Times a step of a fine-tune of `base`, on clean images.
 *
 * @param choice of an adaptor's items, which are known only from the networks that they are chosen by
 */
export async function measureTrainingOf(
  base: Checkpoint,
  options: Omit<FinetuneOptions, 'out'>,
  choice?: ItemChoice,
): Promise<Measured> {
  const network = networkOf(base);
  try {
    const prepared = await prepareFit(await runOf(options, base), network);
    const fit = { ...prepared, ...(choice && { adaptation: tensors(namesOf(network, choice)) }) };
    const { step, reading } = await measureTraining(fit);
    const { batch, augment } = fit.settings;
    const what = `a step of ${batch} at ${sizeText(augment.crop)} takes ${formatSeconds(step)}, its images ${formatSeconds(reading)} beside it`;
    const note = choice ? '; for the items to be chosen stand those of equal values' : '';
    return { images: batch, seconds: Math.max(step, reading), how: `${what}${note}` };
  } finally {
    network.dispose();
  }
}

/** Tensors of the items that a choice comes to where all are worth the same. */
function namesOf(network: Network, { budget, granularity, choose, seed }: ItemChoice): Set<string> {
  const items = itemsOf(network.parameters, granularity);
  const equal = items.map((item) => ({ ...item, value: 1 }));
  const allowed = parseBudget(budget, totalParameters(network.parameters));
  const chosen = choosers[choose].choose(equal, allowed, seed);
  return new Set(chosen.flatMap((index) => items[index]!.tensors));
}
