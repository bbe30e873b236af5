import { enginePrecision } from '../engine/precision.js';
import type { AdaptingOptimizer } from './adaptations/adaptation.js';
import { adaptationOf, objectiveOf, type FitOptions } from './fit-options.js';
import { statisticsIn } from './freeze.js';
import { clipped } from './clip.js';
import { compileLoss, type CompiledLoss } from './loss.js';

/** One optimizer step of a run as one native graph. */
export interface TrainingStep extends CompiledLoss, Pick<AdaptingOptimizer, 'kept' | 'own'> {}

/** Readies what a run trains; the network stays the caller's. */
export function createStep(options: FitOptions): TrainingStep {
  const { network, settings, precision = enginePrecision() } = options;
  const adaptation = adaptationOf(options);
  const optimizer = adaptation.optimizer(settings);
  const objective = objectiveOf(options).open(options);
  const { clip } = settings;
  const use = clip === undefined ? optimizer : clipped(optimizer, clip);
  const loss = compileLoss(network, objective, statisticsIn(network, adaptation.changes), use, precision);
  return {
    draw: loss.draw,
    run: (batch, rate) => loss.run(batch, rate),
    kept: optimizer.kept,
    own: optimizer.own && (() => optimizer.own!()),
    dispose() {
      loss.dispose();
      objective.dispose();
      optimizer.dispose();
    },
  };
}
