import { join } from 'node:path';
import { saveAdaptor } from '../../src/adaptor/file.js';
import { colorClasses } from '../../src/data/class-colors.js';
import type { Fit } from '../../src/image/fit.js';
import { saveCheckpoint } from '../../src/models/checkpoint.js';
import { IMAGENET } from '../../src/models/preprocessing.js';
import { createNetwork } from '../../src/models/registry.js';
import { stateDict } from '../../src/models/state-dict.js';
import { itemsOf } from '../../src/select/items.js';

export const NAMES = ['ant', 'bee', 'cat', 'dog', 'elk', 'fox', 'gnu'];
export const LEVEL = 'jpeg=5';

/** Where {@link writeClassifier} puts the adaptors of a checkpoint. */
export const adaptorsIn = (folder: string): string => join(folder, 'adaptors');

/**
 * Writes a narrow ResNet-18 of seven classes with the weights of seed 0, and an adaptor for {@link LEVEL} that moves its first
 * normalization, on the running engine.
 */
export async function writeClassifier(folder: string, { fit }: { fit?: Fit } = {}): Promise<void> {
  const spec = { name: 'resnet-18', classes: NAMES.length, width: 0.125 };
  const network = createNetwork(spec, { seed: 0 });
  try {
    const classes = colorClasses(NAMES);
    const state = stateDict(network);
    const preprocessing = { ...IMAGENET, ...(fit && { fit }) };
    const known = { network: spec, task: 'classification', classes, ignore: -1, preprocessing } as const;
    const base = await saveCheckpoint(folder, { ...known, storage: 'fp32', training: {} }, state, network.parameters);
    const names = ['bn1.weight', 'bn1.bias'];
    for (const name of names) state.get(name)!.data.forEach((value, i, data) => (data[i] = value + 0.5 - 0.2 * i));
    const items = itemsOf(network.parameters).filter(({ name }) => names.includes(name));
    const parameters = items.reduce((sum, { size }) => sum + size, 0);
    await saveAdaptor(
      join(adaptorsIn(folder), LEVEL),
      {
        ...{ level: LEVEL, base, network: spec, classes, parameters, training: {} },
        ...{ items: items.map(({ name, tensors, size }) => ({ name, tensors: [...tensors], size })) },
        budget: { text: '1%', parameters },
      },
      state,
    );
  } finally {
    network.dispose();
  }
}
