import { fail } from '../../common/errors.js';
import { isStatistic, type Network } from '../../models/network.js';

/** @throws E_USAGE for a network without normalizations that have statistics, or one that does not tell classes */
export function requireAdaptable({ parameters, task, spec }: Network, method: string): void {
  const tellsClasses = task === 'segmentation' || task === 'classification';
  const normalizes = parameters.some(isStatistic);
  if (tellsClasses && normalizes) return;
  fail('E_USAGE', {
    where: method,
    expected: 'a network that tells classes, with batch normalizations',
    got: tellsClasses ? `${spec.name}, which has none` : `${spec.name}, which does ${task}`,
  });
}
