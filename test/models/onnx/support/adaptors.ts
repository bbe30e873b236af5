import { join } from 'node:path';
import { saveAdaptor } from '../../../../src/adaptor/file.js';
import { type Factors } from '../../../../src/adaptor/kinds/factors.js';
import { factorTensors } from '../../../../src/adaptor/kinds/lora.js';
import { Random } from '../../../../src/common/random.js';
import { loadCheckpoint } from '../../../../src/models/checkpoint.js';
import { roundToHalf } from '../../../../src/models/half.js';
import type { StateDict } from '../../../../src/models/state-dict.js';

/**
 * Changes some tensors of a base, and says for which level.
 *
 * @param most that a value moves; one of a variance moves up, by twice that at most
 */
export async function writeItems(
  checkpoint: string,
  level: string,
  changes: (name: string) => boolean,
  most = 0.2,
): Promise<void> {
  const { config, hash, state } = await loadCheckpoint(checkpoint);
  const changed: StateDict = new Map();
  for (const [name, { shape, data }] of state) {
    if (!changes(name)) continue;
    // Variances stay above 0.
    const least = name.endsWith('.variance') ? 0 : -most;
    const random = Random.of(5, level, name);
    const moved = data.map((value) => value + least + 2 * most * random.next());
    // The file holds it in fp16, and so do the files that are made of it.
    changed.set(name, { shape: [...shape], data: name === 'half.w' ? roundToHalf(moved) : moved });
  }
  const items = [...changed].map(([name, { data }]) => ({ name, tensors: [name], size: data.length }));
  const parameters = items.reduce((sum, { size }) => sum + size, 0);
  const about = { level, base: hash, network: config.network, classes: config.classes, training: {} };
  const budget = { text: String(parameters), parameters };
  await saveAdaptor(
    join(checkpoint, 'adaptors', level),
    { format: 'gearnn-adaptor', ...about, items, parameters, budget },
    changed,
  );
}

/** Changes a convolution by a product of low rank. */
export async function writeLowRank(checkpoint: string, level: string, name: string): Promise<void> {
  const { config, hash, state } = await loadCheckpoint(checkpoint);
  const [out, ...inside] = state.get(name)!.shape as [number, number, number, number];
  const random = Random.of(5, level, name);
  const values = (shape: number[]) => ({
    shape,
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.next() - 0.5),
  });
  const factors: Factors = { down: values([2, ...inside]), up: values([out, 2, 1, 1]) };
  const size = factors.down.data.length + factors.up.data.length;
  const about = { level, base: hash, network: config.network, training: {}, parameters: size };
  const ranks = [{ name, rank: 2, size }];
  await saveAdaptor(
    join(checkpoint, 'adaptors', level),
    { format: 'gearnn-lora', ...about, ranks, budget: { text: '2', parameters: size } },
    factorTensors(new Map([[name, factors]])),
  );
}
