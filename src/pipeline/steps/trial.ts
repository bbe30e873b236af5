import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { loadAdaptor } from '../../adaptor/file.js';
import { withAdaptor } from '../../adaptor/with-adaptor.js';
import { GearnnError } from '../../common/errors.js';
import { loadCheckpoint } from '../../models/checkpoint.js';
import { engineSettings } from '../engine-settings.js';
import type { Step, StepContext } from '../graph.js';
import { placeOf } from '../images.js';
import type { Slice } from '../../data/slice.js';
import type { Rates } from '../experiment.js';
import { evaluationWork } from '../work/evaluation.js';
import { trainingWork } from '../work/training.js';
import { choiceOf } from './split.js';
import { finetuneIdentity, runFinetune, type FinetuneTarget } from './finetune.js';
import { score, type Score, type Evaluator } from './score.js';

/** null where the loss ceased to be finite. */
export type TrialOutput = { miou: number | null };

/** A learning rate, tried. */
export interface Trial {
  method: 'switching' | 'adaptor';
  level: string;
  learningRate: number;
  step: Step<TrialOutput>;
}

export interface TrialOptions {
  /** With a split the trial is of an adaptor. */
  target: FinetuneTarget;
  rates: Rates;
  evaluator: Evaluator;
  learningRate: number;
}

/** Fine-tunes on one part of the training samples at a learning rate, and measures on another. */
export function tryRate({ target, rates, evaluator, learningRate }: TrialOptions): Trial {
  const method = target.split ? 'adaptor' : 'switching';
  const level = target.images.level.text;
  const { settings, inputs, reads } = finetuneIdentity(target);
  const { train, validate, epochs } = rates;
  const countOf = ({ start, end = Infinity }: Slice): number => Math.max(0, Math.min(end, target.images.count) - start);
  const form = target.split && { choice: choiceOf(target.split) };
  const step: Step<TrialOutput> = {
    id: `try rate ${method} ${level} ${learningRate}`,
    kind: 'trial',
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
    work: [
      trainingWork(target, { form, images: countOf(train), epochs }),
      evaluationWork(target.base, target.images, evaluator, countOf(validate)),
    ],
    async run(context) {
      const out = join(context.folder, 'trained');
      try {
        const notes = await runFinetune(context, target, { learningRate, out, part: train, epochs });
        const { scores, primary } = await measure(context, out);
        return { output: { miou: scores[primary]! }, notes };
      } catch (error) {
        if (!(error instanceof GearnnError) || error.code !== 'E_TRAIN_LOSS') throw error;
        return { output: { miou: null }, notes: { loss: error.message } };
      } finally {
        if (!context.signal.aborted) await rm(out, { recursive: true, force: true });
      }
    },
  };

  async function measure(context: StepContext, out: string): Promise<Score> {
    const { source, slice } = placeOf(target.images, context, validate);
    const base = await loadCheckpoint(target.base.folderIn(context));
    const tuned = target.split ? withAdaptor(base, await loadAdaptor(out, base)) : await loadCheckpoint(out);
    return score(tuned, { source, slice, evaluator, context });
  }

  return { method, level, learningRate, step };
}
