import { fail } from '../common/errors.js';
import type { Dataset } from '../data/dataset.js';
import { failUnlabelled } from '../data/unlabelled.js';
import type { Network } from '../models/network.js';

/**
 * Makes sure that data are labelled for what a network is made for.
 *
 * @throws E_DATA_TASK
 */
export function requireTask({ targets, spec: data }: Dataset, { task, spec: network }: Network): void {
  // Objects with masks have boxes too.
  if (targets.name === task || (targets.name === 'instances' && task === 'detection')) return;
  if (targets.name === 'none') failUnlabelled(data, `data that are labelled for ${task}`);
  fail('E_DATA_TASK', {
    where: data,
    expected: `data for ${task}, which ${network.name} is made for`,
    got: `data for ${targets.name}`,
    todo: `Use other data, or a network for ${targets.name}.`,
  });
}
