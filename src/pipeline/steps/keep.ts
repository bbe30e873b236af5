import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { loadTuned } from '../../adaptor/merge.js';
import type { Slice } from '../../data/slice.js';
import { pairedInterval } from '../../eval/bootstrap.js';
import { loadCheckpoint } from '../../models/checkpoint.js';
import { taskOf } from '../../tasks/registry.js';
import { engineSettings } from '../engine-settings.js';
import type { Step, StepContext } from '../graph.js';
import { cleanPlaceOf, imagesIdentity, placeOf, type LevelImages } from '../images.js';
import { evaluationWorkload } from '../work/evaluation.js';
import { ADAPTOR, type AdaptorOutput } from './outputs.js';
import { score, type Compared, type Evaluator } from './score.js';
import type { Base } from './target.js';

/** What is kept of an adaptor, and what it was worth: parameters are 0, and there are no files, where the network answers without it. */
export type KeptOutput = AdaptorOutput & {
  kept: boolean;
  /** Its score over the network's on the samples kept apart, with its 95% interval, as shares. */
  gain: number;
  low: number;
  high: number;
};

export interface KeepOptions {
  /** The network that answers without it. */
  base: Base;
  adaptor: Step<AdaptorOutput>;
  /** Training images at the level, and those of them that it was not trained on. */
  images: LevelImages;
  apart: Slice;
  evaluator: Evaluator;
  intervals: { block: number; resamples: number };
  seed: number;
  /** The experiment's base, whose clean answers count where nothing is labelled. */
  original: Base;
}

/**
 * Keeps an adaptor only where it is surely better than the network without it, on samples that neither was trained on: where the 95% interval of
 * its gain lies above 0.
 *
 * @param id `keep METHOD LEVEL`
 */
export function keepStep(id: string, options: KeepOptions): Step<KeptOutput> {
  const { base, adaptor, images, apart, evaluator, intervals, seed, original } = options;
  const { settings, inputs } = imagesIdentity(images);
  const { unlabelled } = images.dataset;
  const count = (apart.end ?? images.count) - apart.start;
  return {
    id,
    kind: 'keep',
    version: 1,
    settings: {
      ...{ level: images.level.text, apart: [apart.start, apart.end ?? null], ...intervals, draw: seed },
      ...{ engine: engineSettings(evaluator.engine), ...settings, agreement: unlabelled },
    },
    inputs: { base: base.step, tuned: adaptor, ...inputs, ...(unlabelled && { original: original.step }) },
    workloads: [evaluationWorkload(base, images, evaluator, 2 * count)],
    async run(context) {
      const compared = unlabelled ? await cleanAnswersOf(context, options) : undefined;
      const network = await loadCheckpoint(base.folderIn(context));
      const folder = join(context.folderOf(adaptor), ADAPTOR);
      const countsOf = async (checkpoint: typeof network): Promise<unknown[]> => {
        const counts: unknown[] = [];
        const onImage = (own: unknown): number => counts.push(own);
        const { source, slice } = placeOf(images, context, apart);
        await score(checkpoint, { source, slice, evaluator, context, onImage, compared });
        return counts;
      };
      const pair = [await countsOf(network), await countsOf(await loadTuned(network, folder))] as const;
      const metric = taskOf(network.config).metric(network.config.network.classes);
      const { difference: gain, low, high } = pairedInterval(metric, [pair], { ...intervals, seed });
      const { hash, parameters } = context.output(adaptor);
      const kept = low > 0;
      if (kept) await cp(folder, join(context.folder, ADAPTOR), { recursive: true });
      const served = kept ? { hash, parameters } : { hash: context.output(base.step).hash, parameters: 0 };
      return { output: { ...served, kept, gain, low, high } };
    },
  };
}

async function cleanAnswersOf(context: StepContext, { images, apart, original }: KeepOptions): Promise<Compared> {
  return { base: await loadCheckpoint(original.folderIn(context)), ...cleanPlaceOf(images, apart) };
}
