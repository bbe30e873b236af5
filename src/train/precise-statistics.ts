import tf from '../common/tf.cjs';
import { setImmediate } from 'node:timers/promises';
import { stepOnBatch } from './batch-step.js';
import { adaptationOf, objectiveOf, type FitOptions } from './fit-options.js';
import { movedGroups, statisticsIn } from './freeze.js';
import { openLoader } from './loader.js';
import { isStatistic } from '../models/network.js';
import { compileLoss, NO_GRADIENTS } from './loss.js';

/** Warns where a run may change no running statistics, so that there are none to measure. */
export function warnOfNoStatistics(options: FitOptions, warn?: (message: string) => void): void {
  if (movedGroups(options.network, adaptationOf(options).changes).size > 0) return;
  warn?.('no running statistics are fine-tuned, so there are none to measure precisely');
}

/**
 * Puts in the place of the running statistics that a run may change their means over one more epoch of its batches, at the weights as they
 * are. What training leaves there is an average that the last twenty batches or so make up, taken while the weights still moved.
 * Always in fp32, as inference is unless asked otherwise; where it is interrupted, the network is of no use any more.
 *
 * @throws what reading the samples throws, and the signal's reason
 * @source Wu and Johnson 2021, "Rethinking Batch in BatchNorm", section 3.2; torch.optim.swa_utils.update_bn
 */
export async function preciseStatistics(options: FitOptions): Promise<void> {
  const { network, settings, progress, signal } = options;
  const { changes } = adaptationOf(options);
  const moved = movedGroups(network, changes);
  if (moved.size === 0) return;
  const statistics = network.parameters.filter((parameter) => isStatistic(parameter) && moved.has(parameter.group));
  const sums = statistics.map(({ variable }) => variable);
  const objective = objectiveOf(options);
  const loader = await openLoader(options);
  const opened = objective.open(options);
  const pass = compileLoss(network, opened, statisticsIn(network, changes, 'sum'), NO_GRADIENTS, 'fp32');
  try {
    tf.tidy(() => sums.forEach((sum) => sum.assign(tf.zerosLike(sum))));
    const [epoch, total] = [settings.epochs, loader.batchesPerEpoch];
    for await (const batch of loader.epoch(epoch)) {
      stepOnBatch(pass, batch, { objective, epoch, seed: settings.seed });
      progress?.({ task: 'statistics', done: batch.index + 1, total, unit: 'batches' });
      await setImmediate();
      signal?.throwIfAborted();
    }
    tf.tidy(() => sums.forEach((sum) => sum.assign(tf.div(sum, total))));
  } finally {
    pass.dispose();
    opened.dispose();
    await loader.close();
  }
}
