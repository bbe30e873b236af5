import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Measured, surestOf } from '../../adapt/measured-row.js';
import { weaken } from '../../adapt/weaken.js';
import { loadTuned } from '../../adaptor/merge.js';
import type { Slice } from '../../data/slice.js';
import { loadCheckpoint } from '../../models/checkpoint.js';
import { taskOf } from '../../tasks/registry.js';
import { engineSettings } from '../engine-settings.js';
import type { Step, StepContext } from '../graph.js';
import { cleanPlaceOf, imagesIdentity, placeOf, type LevelImages } from '../images.js';
import type { StepKind } from '../step-kinds.js';
import { evaluationWorkload } from '../work/evaluation.js';
import { ADAPTOR, type AdaptorOutput } from './outputs.js';
import { score, type Compared, type Evaluator } from './score.js';
import type { Base } from './target.js';
import { adaptorOutcome } from './tune.js';

/** What is kept of an adaptor, and what that was worth: parameters are 0, and there are no files, where the network answers without it. */
export type KeptOutput = AdaptorOutput & {
  kept: boolean;
  /** Its score over the network's on the samples kept apart, with its 95% interval, as shares. */
  gain: number;
  low: number;
  high: number;
  /** How far it goes from the network to what was trained, where several shares were compared. */
  share?: number;
};

export interface KeepOptions {
  /** The network that answers without it. */
  base: Base;
  adaptor: Step<AdaptorOutput>;
  /** Images at the level, and those of them to measure on, which it was not trained on. */
  images: LevelImages;
  apart: Slice;
  /** Shares of what was trained that are compared. Default: all of it alone. */
  shares?: readonly number[];
  /** Answers are compared with the original's on the clean images, although there are labels. */
  agreement?: boolean;
  evaluator: Evaluator;
  intervals: { block: number; resamples: number };
  seed: number;
  /** The experiment's base, whose clean answers count where nothing is labelled. */
  original: Base;
}

/**
 * Keeps an adaptor, or the share of it that is most surely better, only where it is surely better than the network without it, on samples that neither
 * was trained on: where the 95% interval of its gain lies above 0. Of several shares all intervals hold together.
 *
 * @param id `keep METHOD LEVEL`
 */
export function keepStep(id: string, options: KeepOptions): Step<KeptOutput> {
  const { base, adaptor, images, apart, evaluator, intervals, seed, original, shares = [1] } = options;
  const { settings, inputs } = imagesIdentity(images);
  const agreement = options.agreement ? true : images.dataset.unlabelled;
  const count = (apart.end ?? images.count) - apart.start;
  return {
    id,
    kind: 'keep' satisfies StepKind,
    version: 1,
    settings: {
      ...{ level: images.level.text, apart: [apart.start, apart.end ?? null], ...intervals, draw: seed },
      ...{ engine: engineSettings(evaluator.engine), ...settings, agreement },
      ...(shares.length > 1 && { shares: [...shares] }),
    },
    inputs: { base: base.step, tuned: adaptor, ...inputs, ...(agreement && { original: original.step }) },
    workloads: [evaluationWorkload(base, images, evaluator, (1 + shares.length) * count)],
    async run(context) {
      const compared = agreement ? await cleanAnswersOf(context, options) : undefined;
      const network = await loadCheckpoint(base.folderIn(context));
      const folder = join(context.folderOf(adaptor), ADAPTOR);
      const measure = async (checkpoint: typeof network): Promise<Pick<Measured, 'score' | 'counts'>> => {
        const counts: unknown[] = [];
        const onImage = (own: unknown): number => counts.push(own);
        const { source, slice } = placeOf(images, context, apart);
        const { scores, primary } = await score(checkpoint, { source, slice, evaluator, context, onImage, compared });
        return { score: scores[primary]!, counts };
      };
      const { counts: without } = await measure(network);
      const candidates: Measured[] = [];
      for (const share of shares) {
        const part = share === 1 ? folder : join(context.folder, `share-${share}`);
        if (share !== 1) await weaken(folder, network, share, part);
        const found = await measure(await loadTuned(network, part));
        candidates.push({ adaptor: images.level.text, share, ...found });
      }
      const metric = taskOf(network.config).metric(network.config.network.classes);
      const { share, interval } = surestOf(metric, without, candidates, { ...intervals, seed });
      const { difference: gain, low, high } = interval;
      const kept = low > 0;
      const out = join(context.folder, ADAPTOR);
      if (kept) await cp(share === 1 ? folder : join(context.folder, `share-${share}`), out, { recursive: true });
      await Promise.all(
        shares.map((one) => rm(join(context.folder, `share-${one}`), { recursive: true, force: true })),
      );
      const served = kept ? await adaptorOutcome(out) : { hash: context.output(base.step).hash, parameters: 0 };
      return { output: { ...served, kept, gain, low, high, ...(shares.length > 1 && { share }) } };
    },
  };
}

async function cleanAnswersOf(context: StepContext, { images, apart, original }: KeepOptions): Promise<Compared> {
  return { base: await loadCheckpoint(original.folderIn(context)), ...cleanPlaceOf(images, apart) };
}
