import type { Factors } from '../adaptor/lora.js';
import { enginePrecision } from '../engine/precision.js';
import { objectiveOf, trainableIn, type FitOptions } from './fit-options.js';
import { gradientTensors, statisticsIn } from './freeze.js';
import { loraFactors } from './lora-factors.js';
import { compileLoss, type CompiledLoss } from './loss.js';
import { sgd, type Optimizer } from './sgd.js';

/** One optimizer step of a run as one native graph. */
export interface TrainingStep extends CompiledLoss, Pick<Optimizer, 'kept'> {
  /** Of low-rank changes, where these are trained: what they are now, by the convolution's name. */
  factors?(): Map<string, Factors>;
}

/** Readies what a run trains; the network stays the caller's. */
export function createStep(options: FitOptions): TrainingStep {
  const { network, settings, lora, precision = enginePrecision() } = options;
  const trainable = trainableIn(options);
  const low = lora && loraFactors(network, { ...lora, seed: settings.seed }, settings);
  const optimizer = low ?? sgd(gradientTensors(network, trainable), settings);
  const objective = objectiveOf(options).open(options);
  const loss = compileLoss(network, objective, statisticsIn(network, trainable), optimizer, precision);
  return {
    run: (batch, rate) => loss.run(batch, rate),
    kept: optimizer.kept,
    ...(low && { factors: () => low.factors() }),
    dispose() {
      loss.dispose();
      objective.dispose();
      optimizer.dispose();
    },
  };
}
