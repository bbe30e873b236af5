import { join } from 'node:path';
import { saveAdaptor } from '../../../src/adaptor/file.js';
import { loadCheckpoint } from '../../../src/models/checkpoint.js';
import { importOnnx, type ImportOnnxOptions } from '../../../src/models/onnx/index.js';

/** The level of the adaptor of {@link importAdapted}. */
export const LEVEL = 'jpeg=5';

/**
 * Imports a file, on the running engine, and gives the checkpoint an adaptor for {@link LEVEL} that moves every scale of its layers.
 *
 * @param folder of the checkpoint; the adaptor lies in `adaptors` in it
 */
export async function importAdapted(
  file: string,
  folder: string,
  options: Partial<ImportOnnxOptions> = {},
): Promise<void> {
  await importOnnx({ file, out: folder, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25], ...options });
  const { config, hash, state } = await loadCheckpoint(folder);
  const changed = new Map(
    [...state]
      .filter(([name]) => name.endsWith('.scale'))
      .map(([name, { shape, data }]) => [
        name,
        { shape: [...shape], data: data.map((value, i) => value * (i % 2 === 0 ? 0.7 : 1.4)) },
      ]),
  );
  const items = [...changed].map(([name, { data }]) => ({ name, tensors: [name], size: data.length }));
  const parameters = items.reduce((sum, { size }) => sum + size, 0);
  await saveAdaptor(
    join(folder, 'adaptors', LEVEL),
    {
      ...{ format: 'gearnn-adaptor', level: LEVEL, base: hash, network: config.network, classes: config.classes },
      ...{ items, parameters, budget: { text: String(parameters), parameters }, training: {} },
    },
    changed,
  );
}
