import * as tf from '@tensorflow/tfjs';
import { createNetwork, networkNames } from '../../../src/models/registry.js';

/**
 * The smallest network of each structure, among all that are registered: those that differ in their number of blocks alone, `base.4.0.conv1`
 * and `base.4.1.conv1`, are made of the same parts, and what holds for one of them holds for all.
 */
export async function structures(): Promise<string[]> {
  await tf.setBackend('cpu');
  const smallest = new Map<string, { name: string; tensors: number }>();
  for (const name of networkNames()) {
    const network = createNetwork({ name, classes: 2, width: 0.125 }, { seed: null });
    const parts = new Set(network.parameters.map((parameter) => parameter.name.replace(/\.\d+(?=\.)/g, '.N')));
    const key = [network.task, ...parts].join();
    const tensors = network.parameters.length;
    if (tensors < (smallest.get(key)?.tensors ?? Infinity)) smallest.set(key, { name, tensors });
    network.dispose();
  }
  return [...smallest.values()].map(({ name }) => name);
}
