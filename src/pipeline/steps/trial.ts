import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { loadTuned } from '../../adaptor/merge.js';
import { GearnnError } from '../../common/errors.js';
import { loadCheckpoint } from '../../models/checkpoint.js';
import { engineSettings } from '../engine-settings.js';
import type { Step, StepContext } from '../graph.js';
import { cleanPlaceOf, placeOf } from '../images.js';
import type { StepKind } from '../step-kinds.js';
import type { Slice } from '../../data/slice.js';
import { evaluationWorkload } from '../work/evaluation.js';
import { trainingWorkload } from '../work/training.js';
import { finetuneIdentity, runFinetune } from './finetune.js';
import { score, type Score, type Evaluator } from './score.js';
import type { FinetuneTarget } from './target.js';

/** The score that the task compares networks by; null where the loss ceased to be finite. Of label maps by the name that outputs always had. */
export type TrialOutput = { miou: number | null } | { score: number | null };

/** The score of an output, whatever the task. */
export function scoreIn(output: TrialOutput): number | null {
  return 'score' in output ? output.score : output.miou;
}

/** What a learning rate is for: whole networks or adaptors. */
export type RateUse = 'switching' | 'adaptor';

/** A learning rate, tried. */
export interface Trial {
  use: RateUse;
  level: string;
  learningRate: number;
  step: Step<TrialOutput>;
}

/** How long rates are tried, and on what. */
export interface TrialParts {
  /** Positions among the training samples. */
  train: Slice;
  validate: Slice;
  epochs: number;
}

export interface TrialOptions {
  /** With a split the trial is of an adaptor. */
  target: FinetuneTarget;
  parts: TrialParts;
  evaluator: Evaluator;
  learningRate: number;
}

/** Fine-tunes on one part of the training samples at a learning rate, and measures on another. */
export function tryRate({ target, parts, evaluator, learningRate }: TrialOptions): Trial {
  const use = target.split ? 'adaptor' : 'switching';
  const level = target.images.level.text;
  const { settings, inputs, reads } = finetuneIdentity(target);
  const { train, validate, epochs } = parts;
  const countOf = ({ start, end = Infinity }: Slice): number => Math.max(0, Math.min(end, target.images.count) - start);
  const step: Step<TrialOutput> = {
    id: `try rate ${use} ${level} ${learningRate}`,
    kind: 'trial' satisfies StepKind,
    version: 1,
    settings: {
      ...settings,
      learningRate,
      epochs,
      train: [train.start, train.end ?? null],
      validate: [validate.start, validate.end ?? null],
      evaluate: engineSettings(evaluator.engine),
    },
    inputs,
    reads,
    workloads: [
      trainingWorkload(target, { images: countOf(train), epochs }),
      evaluationWorkload(target.base, target.images, evaluator, countOf(validate)),
    ],
    async run(context) {
      const out = join(context.folder, 'trained');
      try {
        const notes = await runFinetune(context, target, { learningRate, out, part: train, epochs });
        const { scores, primary } = await measure(context, out);
        return { output: outputOf(scores[primary]!), notes };
      } catch (error) {
        if (!(error instanceof GearnnError) || error.code !== 'E_TRAIN_LOSS') throw error;
        return { output: outputOf(null), notes: { loss: error.message } };
      } finally {
        if (!context.signal.aborted) await rm(out, { recursive: true, force: true });
      }
    },
  };

  function outputOf(score: number | null): TrialOutput {
    const { name } = target.images.dataset.targets;
    return name === 'detection' || name === 'instances' ? { score } : { miou: score };
  }

  async function measure(context: StepContext, out: string): Promise<Score> {
    const { source, slice } = placeOf(target.images, context, validate);
    const base = await loadCheckpoint(target.base.folderIn(context));
    // Without labels, answers are compared with the base's own.
    const compared = target.images.dataset.unlabelled ? { base, ...cleanPlaceOf(target.images, validate) } : undefined;
    return score(await loadTuned(base, out), { source, slice, evaluator, context, compared });
  }

  return { use, level, learningRate, step };
}
