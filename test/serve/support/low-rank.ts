import { join } from 'node:path';
import { saveAdaptor } from '../../../src/adaptor/file.js';
import { type Factors } from '../../../src/adaptor/kinds/factors.js';
import { factorTensors } from '../../../src/adaptor/kinds/lora.js';
import { Random } from '../../../src/common/random.js';
import { loadCheckpoint } from '../../../src/models/checkpoint.js';
import { createNetwork } from '../../../src/models/registry.js';
import type { StateValues } from '../../../src/models/state-dict.js';
import { spreadRanks } from '../../../src/select/ranks.js';

/**
 * Writes an adaptor of low-rank changes as `gearnn run` always wrote them, without classes.
 *
 * @param checkpoint folder of its base
 * @returns its folder, `ADAPTORS/LEVEL`
 */
export async function writeLowRank(checkpoint: string, adaptors: string, level: string): Promise<string> {
  const { config, hash } = await loadCheckpoint(checkpoint);
  const network = createNetwork(config.network, { seed: null });
  const ranks = spreadRanks(network.parameters, 1500);
  const random = Random.of(1, level);
  const values = (shape: number[]): StateValues => {
    const data = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => 0.4 * (random.next() - 0.5));
    return { shape, data };
  };
  const factors = ranks.map(({ name, rank }): [string, Factors] => {
    const { shape } = network.parameters.find((parameter) => parameter.name === name)!;
    const [out, ...inside] = shape as [number, number, number, number];
    return [name, { down: values([rank, ...inside]), up: values([out, rank, 1, 1]) }];
  });
  network.dispose();
  const parameters = ranks.reduce((sum, { size }) => sum + size, 0);
  const folder = join(adaptors, level);
  const about = { format: 'gearnn-lora' as const, level, base: hash, network: config.network, training: {} };
  await saveAdaptor(
    folder,
    { ...about, ranks, parameters, budget: { text: '1500', parameters: 1500 } },
    factorTensors(new Map(factors)),
  );
  return folder;
}
