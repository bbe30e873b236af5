import { existsSync } from 'node:fs';
import { readAdaptorConfig, saveAdaptor } from '../adaptor/file.js';
import type { Checkpoint } from '../models/checkpoint.js';
import { alignedStems } from '../train/align-stems.js';
import type { FinetuneOptions } from '../train/finetune.js';

/**
 * Makes an adaptor whose scales and shifts of the first layers take back what the level does to every pixel alike; one that is there is taken as it is.
 *
 * @param out its folder
 * @returns number of its values; 0, and no adaptor, where the network has no such layers
 */
export async function makeStart(
  options: Omit<FinetuneOptions, 'out' | 'objective'>,
  { config, hash }: Checkpoint,
  out: string,
): Promise<number> {
  if (existsSync(out)) return (await readAdaptorConfig(out)).parameters;
  const tensors = await alignedStems(options);
  if (tensors.size === 0) return 0;
  const items = [...tensors].map(([name, { data }]) => ({ name, tensors: [name], size: data.length }));
  const parameters = items.reduce((sum, { size }) => sum + size, 0);
  const { network, classes } = config;
  await saveAdaptor(
    out,
    {
      ...{ format: 'gearnn-adaptor', level: options.level, base: hash, network, classes, items, parameters },
      ...{ budget: { text: String(parameters), parameters }, training: { aligned: 'first layers' } },
    },
    tensors,
  );
  return parameters;
}
