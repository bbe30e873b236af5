import { fail } from '../common/errors.js';
import type { Task } from '../tasks/task.js';
import type { Network } from './network.js';

/** @throws E_USAGE for a network that is made for another task */
export function requireNetworkFor({ name }: Pick<Task, 'name'>, network: Pick<Network, 'task' | 'spec'>): void {
  if (network.task === name) return;
  const got = `${network.spec.name}, which is made for ${network.task}`;
  fail('E_USAGE', { where: 'model', expected: `a network for ${name}`, got });
}
