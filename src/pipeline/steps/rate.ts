import { fail } from '../../common/errors.js';
import type { Json, Step, StepContext } from '../graph.js';
import type { StepKind } from '../step-kinds.js';
import { scoreIn, type RateUse, type Trial, type TrialOutput } from './trial.js';

/** A learning rate: one that the config names, or the outcome of a step. */
export type Rate = number | Step<{ learningRate: number }>;

/**
 * What a step with this rate takes beside its other inputs. Its address is the same whether the rate is named or chosen, so experiments that
 * name one share what others made with it after trials.
 */
export function rateIdentity(rate: Rate): { inputs: { rate?: Step }; known: { rate?: Json } } {
  return typeof rate === 'number'
    ? { inputs: {}, known: { rate: { learningRate: rate } } }
    : { inputs: { rate }, known: {} };
}

/** The rate for a step that has it among its inputs. */
export function rateIn(context: StepContext, rate: Rate): number {
  return typeof rate === 'number' ? rate : context.output(rate).learningRate;
}

/** Chooses the best of the trials at one level; of equals the smallest rate. */
export function chooseRateStep(use: RateUse, level: string, trials: readonly Trial[]): Step<{ learningRate: number }> {
  return {
    id: `choose rate ${use} ${level}`,
    kind: 'rate' satisfies StepKind,
    version: 1,
    settings: { candidates: trials.map(({ learningRate }) => learningRate) },
    inputs: Object.fromEntries(trials.map(({ learningRate, step }) => [String(learningRate), step])),
    async run(context) {
      const scores = trials.map(({ learningRate, step }) => ({
        learningRate,
        score: scoreIn(context.output<TrialOutput>(step)),
      }));
      const best = scores.reduce((a, b) => ((b.score ?? -1) > (a.score ?? -1) ? b : a));
      if (best.score === null) {
        fail('E_PIPELINE_RATES', {
          where: `rates.candidates at ${level}`,
          expected: 'a learning rate that keeps the loss finite',
          got: scores.map(({ learningRate }) => learningRate).join(', '),
          todo: 'Add smaller ones.',
        });
      }
      return { output: { learningRate: best.learningRate } };
    },
  };
}
