import { join } from 'node:path';
import { z } from 'zod';
import { fail } from '../common/errors.js';
import { writeFileAtomic, writeJsonAtomic } from '../common/files.js';
import { readJsonFile } from '../common/json-file.js';
import type { Checkpoint } from '../models/checkpoint.js';
import { networkSchema } from '../models/checkpoint-config.js';
import { decodeSafetensors, encodeSafetensors, type TensorToWrite, toFloat32 } from '../models/safetensors.js';
import type { StateDict, StateValues } from '../models/state-dict.js';
import { readFile } from '../common/read-file.js';

export const LORA_CONFIG = 'lora_config.json';
export const LORA_TENSORS = 'lora.safetensors';

const count = z.int().nonnegative();

/** What `lora_config.json` holds. */
const schema = z.strictObject({
  format: z.literal('gearnn-lora'),
  version: z.literal(1),
  level: z.string().min(1),
  /** Content hash of the base that it was trained from. */
  base: z.string(),
  network: networkSchema,
  /** Changed convolutions, in the network's order. */
  ranks: z.array(z.strictObject({ name: z.string(), rank: z.int().positive(), size: count })),
  /** Of all factors. */
  parameters: count,
  budget: z.strictObject({ text: z.string(), parameters: count }),
  training: z.record(z.string(), z.unknown()),
});

export type LoraConfig = z.infer<typeof schema>;

/** The two factors of one convolution's change: a convolution to `rank` channels, and one by one back from them. */
export interface Factors {
  /** `[rank, in, height, width]` */
  down: StateValues;
  /** `[out, rank, 1, 1]` */
  up: StateValues;
}

/** Writes factors, then their config, each whole or not at all. */
export async function saveLora(
  folder: string,
  config: Omit<LoraConfig, 'format' | 'version'>,
  factors: ReadonlyMap<string, Factors>,
): Promise<void> {
  const tensors = new Map<string, TensorToWrite>();
  for (const [name, { down, up }] of factors) {
    tensors.set(`${name}.down`, { dtype: 'F32', ...down });
    tensors.set(`${name}.up`, { dtype: 'F32', ...up });
  }
  await writeFileAtomic(join(folder, LORA_TENSORS), encodeSafetensors(tensors, { format: 'pt' }));
  await writeJsonAtomic(join(folder, LORA_CONFIG), schema.parse({ format: 'gearnn-lora', version: 1, ...config }));
}

/** Reads the config of factors alone. @throws E_ADAPTOR */
export function readLoraConfig(folder: string): Promise<LoraConfig> {
  return readJsonFile(join(folder, LORA_CONFIG), schema, {
    code: 'E_ADAPTOR',
    expected: 'the lora_config.json of low-rank factors of gearnn, version 1',
    todo: 'Train them again: gearnn run with the method lora.',
  });
}

/**
 * A base with the factors' products added to its convolutions.
 *
 * @throws E_ADAPTOR_BASE_MISMATCH for factors of another base, E_ADAPTOR, E_SAFETENSORS
 */
export async function withLora(base: Checkpoint, folder: string): Promise<Checkpoint> {
  const config = await readLoraConfig(folder);
  if (config.base !== base.hash) {
    fail('E_ADAPTOR_BASE_MISMATCH', {
      where: folder,
      expected: `factors of the base ${base.hash}`,
      got: `those of ${config.base}`,
      todo: 'Use the base that they were trained from, or train them again from this one.',
    });
  }
  const path = join(folder, LORA_TENSORS);
  const { tensors } = decodeSafetensors(await readFile(path), path);
  const read = (name: string): StateValues => {
    const tensor = tensors.get(name) ?? fail('E_ADAPTOR', { where: path, expected: `tensor ${name}`, got: 'none' });
    return { shape: tensor.shape, data: toFloat32(tensor) };
  };
  const state: StateDict = new Map(base.state);
  for (const { name } of config.ranks) {
    state.set(name, addProduct(base.state.get(name)!, { down: read(`${name}.down`), up: read(`${name}.up`) }));
  }
  return { ...base, state };
}

/**
 * A convolution's weight and the product of its factors: `w[o, i, y, x] + sum_r up[o, r] down[r, i, y, x]`.
 *
 * @param weight `[out, in, height, width]`
 */
export function addProduct(weight: StateValues, { down, up }: Factors): StateValues {
  const [rank] = down.shape as [number];
  const inside = down.data.length / rank;
  const data = Float32Array.from(weight.data, (value, at) => {
    const [o, i] = [Math.floor(at / inside), at % inside];
    let change = 0;
    // In single precision at every step, as training computes it.
    for (let r = 0; r < rank; r++) {
      change = Math.fround(change + Math.fround(up.data[o * rank + r]! * down.data[r * inside + i]!));
    }
    return value + change;
  });
  return { shape: weight.shape, data };
}
