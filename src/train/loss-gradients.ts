import tf from '../common/tf.cjs';
import { setImmediate } from 'node:timers/promises';
import { loadCheckpoint, networkOf } from '../models/checkpoint.js';
import { EPSILON } from '../models/layers.js';
import {
  byGroup,
  isLearned,
  isNormalization,
  isStatistic,
  type Network,
  type Parameter,
  type Role,
} from '../models/network.js';
import { stateDict, type StateDict } from '../models/state-dict.js';
import { runOf, type FinetuneOptions } from './finetune.js';
import { stepOnBatch } from './batch-step.js';
import { objectiveOf, type FitOptions } from './fit-options.js';
import { openLoader } from './loader.js';
import { prepareFit } from './prepare-fit.js';
import { compileLoss } from './loss.js';
import { gradientSums } from './gradient-sums.js';

/**
 * Gradients of the loss at a level at the base's own weights, the mean over one epoch of training batches, for every tensor but the
 * fixed ones. Normalizations use their running statistics, so that those have gradients too.
 *
 * @returns by tensor name, in the checkpoint's layout
 * @throws what `finetune` throws
 */
export async function lossGradients(options: Omit<FinetuneOptions, 'out'>): Promise<StateDict> {
  const base = await loadCheckpoint(options.checkpoint);
  const run = await runOf(options, base);
  const network = networkOf(base);
  try {
    const fit = await prepareFit(run, network);
    return await gradientsOf(fit);
  } finally {
    network.dispose();
  }
}

/** As {@link lossGradients}; the network's own weights are gone afterwards. */
export async function gradientsOf(options: FitOptions): Promise<StateDict> {
  const { network, settings, precision = 'fp32', progress, signal } = options;
  const objective = objectiveOf(options);
  const loader = await openLoader(options);
  const opened = objective.open(options);
  const gradients = gradientSums(network.parameters.filter(isLearned));
  const loss = compileLoss(network, opened, () => 'running', gradients, precision);
  try {
    for await (const batch of loader.epoch(0)) {
      signal?.throwIfAborted();
      stepOnBatch(loss, batch, { objective, epoch: 0, seed: settings.seed });
      progress?.({ task: 'gradients', done: batch.index + 1, total: loader.batchesPerEpoch, unit: 'steps' });
      await setImmediate();
    }
    writeMeans(network, gradients.sums, loader.batchesPerEpoch);
    return stateDict(network);
  } finally {
    loss.dispose();
    opened.dispose();
    gradients.dispose();
    await loader.close();
  }
}

/** Puts every tensor's mean gradient in the tensor's place. */
function writeMeans(network: Network, sums: ReadonlyMap<string, tf.Variable>, batches: number): void {
  const { parameters, epsilon = EPSILON } = network;
  const normalizations = byGroup(parameters.filter(isNormalization));
  tf.tidy(() => {
    const mean = (name: string): tf.Tensor => tf.div(sums.get(name)!, batches);
    for (const parts of normalizations.values()) {
      const of = (role: Role): Parameter => parts.find((parameter) => parameter.role === role)!;
      // Scales and shifts of layers whose normalization is folded into them have none.
      if (!parts.some(isStatistic)) continue;
      // y = (x - mean) scale r + shift with r = (variance + epsilon)^-1/2, so that both follow from those of scale and shift.
      const r = tf.rsqrt(tf.add(of('variance').variable, epsilon));
      const factor = tf.mul(of('scale').variable, r);
      const dMean = tf.neg(tf.mul(mean(of('shift').name), factor));
      const dVariance = tf.mul(tf.mul(mean(of('scale').name), tf.mul(factor, r)), -0.5);
      of('mean').variable.assign(dMean);
      of('variance').variable.assign(dVariance);
    }
    for (const { name, variable } of parameters.filter(isLearned)) variable.assign(mean(name));
  });
}
