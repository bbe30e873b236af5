import tf from '../common/tf.cjs';
import type { Parameter } from '../models/network.js';
import { adam } from './adam.js';
import type { GradientUse } from './loss.js';
import type { Mover, MoverMaker, MoverSettings } from './mover.js';
import { sgd } from './sgd.js';

/** Every optimizer: one line each. */
const OPTIMIZERS = { sgd, adam } satisfies Record<string, MoverMaker>;

export type OptimizerName = keyof typeof OPTIMIZERS;

export const OPTIMIZER_NAMES = Object.keys(OPTIMIZERS) as OptimizerName[];

export interface OptimizerSettings extends MoverSettings {
  /** How weights follow their gradients. Default: `sgd`. */
  optimizer?: OptimizerName;
  /** Added to each gradient: this times the weight. */
  weightDecay: number;
}

/** Moves weights along their gradients. */
export interface Optimizer extends GradientUse {
  /** What it goes on from beside the network's weights, by name: a run's state. */
  kept: Map<string, tf.Variable>;
  dispose(): void;
}

/** What moves one weight as the settings say, weight decay included. */
export function moverOf(weight: tf.Variable, settings: OptimizerSettings): Mover {
  const { kept, move } = OPTIMIZERS[settings.optimizer ?? 'sgd'](weight, settings);
  const { weightDecay } = settings;
  return {
    kept,
    move: (gradient, rate) => move(weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(weight, weightDecay)), rate),
  };
}

/** What a mover keeps by name: the first by the name that is given, others numbered. */
export function keptAs(name: string, { kept }: Mover): [string, tf.Variable][] {
  return kept.map((variable, i) => [i === 0 ? name : `${name}#${i}`, variable]);
}

/** @param parameters to train */
export function optimizerOf(parameters: readonly Parameter[], settings: OptimizerSettings): Optimizer {
  const movers = parameters.map(({ variable }) => moverOf(variable, settings));
  return {
    variables: parameters.map(({ variable }) => variable),
    apply(gradients, rate) {
      parameters.forEach(({ variable }, i) => {
        const gradient = gradients[variable.name];
        // A weight that the loss does not depend on (an unused projection) stays as it is, as in PyTorch.
        if (gradient) movers[i]!.move(gradient, rate);
      });
    },
    kept: new Map(parameters.flatMap(({ name }, i) => keptAs(name, movers[i]!))),
    dispose: () => tf.dispose(movers.map(({ kept }) => kept)),
  };
}
