import { fail } from '../common/errors.js';
import type { Network } from '../models/network.js';

/**
 * Checks the weights themselves: the loss is taken before a step, so the last step's damage shows in them alone.
 *
 * @param where when it is, for messages
 * @throws E_TRAIN_LOSS naming the first tensor that holds an infinity or NaN
 */
export function checkFinite(network: Network, where: string): void {
  for (const { name, variable } of network.parameters) {
    const values = variable.dataSync() as Float32Array;
    const wrong = values.find((value) => !Number.isFinite(value));
    if (wrong === undefined) continue;
    fail('E_TRAIN_LOSS', {
      where: `${where}: ${name}`,
      expected: 'finite weights',
      got: String(wrong),
      todo: 'Start anew with a lower --learning-rate and --force.',
    });
  }
}
