import { createHash } from 'node:crypto';
import { fail } from '../common/errors.js';
import { isLearned, type Network, type Parameter, type Statistics } from '../models/network.js';

/** Names of the tensors that a run may change: weights and biases by gradient, running statistics by averaging. */
export type TrainableNames = ReadonlySet<string>;

/** Every tensor but the fixed ones: full training. */
export function allTrainable(network: Network): TrainableNames {
  return new Set(network.parameters.filter(({ role }) => role !== 'fixed').map(({ name }) => name));
}

/**
 * What normalizations go by in training: the batch where their running statistics are trainable, and their frozen ones elsewhere, so that
 * training and inference see the same function there.
 *
 * @param moved what becomes of trainable statistics
 */
export function statisticsIn(
  network: Network,
  trainable: TrainableNames,
  moved: 'batch' | 'sum' = 'batch',
): (group: string) => Statistics {
  const groups = movedGroups(network, trainable);
  return (group) => (groups.has(group) ? moved : 'running');
}

/** Groups of the normalizations whose running statistics training moves. */
export function movedGroups({ parameters, keepsStatistics }: Network, trainable: TrainableNames): Set<string> {
  if (keepsStatistics) return new Set();
  const moved = parameters.filter(({ role, name }) => role === 'mean' && trainable.has(name));
  return new Set(moved.map(({ group }) => group));
}

/** The tensors that gradients reach. */
export function gradientTensors(network: Network, trainable: TrainableNames): Parameter[] {
  return network.parameters.filter((parameter) => isLearned(parameter) && trainable.has(parameter.name));
}

/** Bits of every tensor outside `trainable`, to compare before and after. */
export function frozenDigests(network: Network, trainable: TrainableNames): Map<string, string> {
  const digests = new Map<string, string>();
  for (const { name, variable } of network.parameters) {
    if (trainable.has(name)) continue;
    const values = variable.dataSync() as Float32Array;
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    digests.set(name, createHash('sha256').update(bytes).digest('hex'));
  }
  return digests;
}

/** @throws E_TRAIN_FROZEN naming the tensors that changed although they should not have */
export function checkFrozen(network: Network, trainable: TrainableNames, before: Map<string, string>): void {
  const now = frozenDigests(network, trainable);
  const changed = [...before.keys()].filter((name) => now.get(name) !== before.get(name));
  if (changed.length === 0) return;
  fail('E_TRAIN_FROZEN', {
    where: 'training',
    expected: 'every tensor outside the split to keep its bits',
    got: `a change in ${changed.slice(0, 5).join(', ')}${changed.length > 5 ? ` and ${changed.length - 5} more` : ''}`,
    todo: 'This is a fault in gearnn; please report it.',
  });
}
