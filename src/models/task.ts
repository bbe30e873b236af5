import { fail } from '../common/errors.js';
import type { Task } from '../tasks/task.js';
import type { Network } from './network.js';
import type { Preprocessing } from './preprocessing.js';

/** @throws E_USAGE for a network that is made for another task, or that cuts pictures whose every pixel is to be answered */
export function requireNetworkFor(
  { name, dense }: Pick<Task, 'name' | 'dense'>,
  network: Pick<Network, 'task' | 'spec' | 'input'>,
): void {
  requireFit(dense, network.input.preprocessing);
  if (network.task === name) return;
  const got = `${network.spec.name}, which is made for ${network.task}`;
  fail('E_USAGE', { where: 'model', expected: `a network for ${name}`, got });
}

/** @throws E_USAGE for sides that pictures are to be brought to by a network that takes them as they are */
export function requireSides({ prepare, spec, input }: Pick<Network, 'prepare' | 'spec' | 'input'>): void {
  const { sides } = input.preprocessing;
  if (!sides || prepare) return;
  fail('E_USAGE', {
    where: 'preprocessing.sides',
    expected: `none, as ${spec.name} takes pictures of any size`,
    got: `${sides.shortest}:${sides.longest}`,
  });
}

/** @throws E_USAGE for a network that learns from samples it draws of each batch, where losses are of its outputs alone */
export function requireOutputsToLearnFrom({ openSampler, spec }: Pick<Network, 'openSampler' | 'spec'>): void {
  if (!openSampler) return;
  fail('E_USAGE', {
    where: 'model',
    expected: 'a network whose loss is of its outputs, such as a DRN or ResNet',
    got: `${spec.name}, which draws what it learns from`,
  });
}

function requireFit(dense: Task['dense'], { fit }: Preprocessing): void {
  if (dense === undefined || !fit) return;
  fail('E_USAGE', {
    where: 'preprocessing.fit',
    expected: 'none, as this network answers for every pixel of a picture',
    got: `${fit.resize}:${fit.crop}`,
  });
}
