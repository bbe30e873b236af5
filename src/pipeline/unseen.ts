import type { Dataset } from '../data/dataset.js';
import { CLEAN, type Level } from '../distort/level.js';
import { cleanImages, type CleanImagesOptions } from './clean-images.js';
import type { Step } from './graph.js';
import type { CleanImages, LevelImages } from './images.js';
import { evaluateStep, type Candidate, type EvaluateOutput } from './steps/evaluate.js';
import type { Evaluator } from './steps/score.js';
import type { TrainingImages } from './training-images.js';

/** Samples that nothing is trained on, and what answers are judged by there. */
export interface UnseenPart {
  name: string;
  /** By what the base answers on them clean; else by the labels. */
  agreement: boolean;
  images: CleanImages;
}

/** What evaluations are made with. */
export interface UnseenPlaces {
  /** The same for the same samples at the same level. */
  imagesAt(images: CleanImages, level: Level): LevelImages;
  evaluator: Evaluator;
}

/** A method on such samples. */
export interface UnseenCell {
  method: string;
  evaluation: Step<EvaluateOutput>;
}

/** The methods at a level, in their order, on such samples. */
export interface UnseenCells {
  part: UnseenPart;
  cells: UnseenCell[];
}

/**
 * Those of an experiment, one after the other; what is to be judged in both ways stands twice.
 *
 * @throws E_PIPELINE_CONFIG where one of them is trained on
 */
export async function unseenParts(
  dataset: Dataset,
  training: TrainingImages,
  options: CleanImagesOptions,
): Promise<UnseenPart[]> {
  const { experiment } = options;
  const parts: UnseenPart[] = [];
  for (const part of experiment.unseen) {
    const images = await cleanImages(dataset, part.samples, options);
    training.checkUnseen(experiment, part.name, images);
    const { name } = part;
    if (!dataset.unlabelled) parts.push({ name, images, agreement: false });
    if (dataset.unlabelled || part.agreement) parts.push({ name, images, agreement: true });
  }
  return parts;
}

/** The original on clean samples; by its own answers there it is always right. */
export function unseenClean(
  parts: readonly UnseenPart[],
  original: Candidate,
  places: UnseenPlaces,
): { part: UnseenPart; evaluation: Step<EvaluateOutput> }[] {
  return parts.flatMap((part) =>
    part.agreement ? [] : [{ part, evaluation: evaluationOn(part, CLEAN, original, places) }],
  );
}

export function unseenCells(
  parts: readonly UnseenPart[],
  level: Level,
  candidates: readonly Candidate[],
  places: UnseenPlaces,
): UnseenCells[] {
  return parts.map((part) => ({
    part,
    cells: candidates.map((candidate) => ({
      method: candidate.name,
      evaluation: evaluationOn(part, level, candidate, places),
    })),
  }));
}

function evaluationOn(
  { name: on, agreement, images }: UnseenPart,
  level: Level,
  candidate: Candidate,
  { imagesAt, evaluator }: UnseenPlaces,
): Step<EvaluateOutput> {
  return evaluateStep(candidate, imagesAt(images, level), evaluator, { on, agreement });
}
