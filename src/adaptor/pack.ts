import type { Checkpoint } from '../models/checkpoint.js';
import { roundToHalf } from '../models/half.js';
import type { StateDict } from '../models/state-dict.js';
import { type Adaptor, loadAdaptor, type NewAdaptorConfig, saveAdaptor, type TensorStorage } from './file.js';
import { mergedTensors } from './merge.js';

/** How an adaptor's values may be kept, from the largest to the smallest. */
export const STORAGES = ['fp32', 'fp16', 'int8'] as const;
export type AdaptorStorage = (typeof STORAGES)[number];

/** Tensors of at most so many values keep 16 bits: together they are few, and at darkness 8 cost a point (docs/formats.md). */
const SMALL = 64;

/** By how much a positive value, such as a variance, may become another, as the logarithm of their ratio. */
const MOST = 0.01;

/** What is added to variances before they divide. */
const EPSILON = 1e-5;

/**
 * Writes an adaptor in fewer bits. Whole tensors become what they differ from the base's by; low-rank factors stay factors. With `int8` every tensor of more
 * than 64 values is kept as bytes with a scale of its own, unless a value that is positive, as variances are, would become another by more than 1%; that
 * tensor is kept in fp16, or, if that is too coarse, as it is.
 *
 * @param from folder of the adaptor
 * @throws E_ADAPTOR, E_ADAPTOR_BASE_MISMATCH
 */
export async function packAdaptor(from: string, base: Checkpoint, storage: AdaptorStorage, out: string): Promise<void> {
  const adaptor = await loadAdaptor(from, base);
  const { config, state } = asChanges(adaptor, base);
  const stored = new Map<string, TensorStorage>();
  for (const [name, { data }] of state) stored.set(name, storageOf(data, base.state.get(name)?.data, storage));
  const { training } = adaptor.config;
  await saveAdaptor(out, { ...config, training: { ...training, storage } }, state, stored);
}

/** An adaptor of whole tensors as one of their differences from the base; any other as it is. */
function asChanges(adaptor: Adaptor, base: Checkpoint): { config: NewAdaptorConfig; state: StateDict } {
  const { config } = adaptor;
  if (config.format !== 'gearnn-adaptor') return adaptor;
  const merged = mergedTensors(adaptor, (name) => base.state.get(name));
  const state: StateDict = new Map(
    [...merged].map(([name, { shape, data }]) => {
      const before = base.state.get(name)!.data;
      return [name, { shape, data: data.map((value, i) => value - before[i]!) }];
    }),
  );
  return { config: { ...config, format: 'gearnn-changes' }, state };
}

/** The smallest way to keep values that is near enough. */
function storageOf(data: Float32Array, base: Float32Array | undefined, storage: AdaptorStorage): TensorStorage {
  const scale = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127 || 1;
  if (storage === 'int8' && data.length > SMALL) {
    const kept = data.map((value) => scale * Math.round(value / scale));
    if (isNear(kept, data, base)) return { dtype: 'I8', scale };
  }
  return storage !== 'fp32' && isNear(roundToHalf(data), data, base) ? { dtype: 'F16' } : { dtype: 'F32' };
}

/** Whether what positive tensors change by is kept so well that they stay what they are. */
function isNear(kept: Float32Array, data: Float32Array, base: Float32Array | undefined): boolean {
  if (kept.some((value) => !Number.isFinite(value))) return false;
  if (!base?.every((value, i) => value >= 0 && value + data[i]! >= 0)) return true;
  return base.every((value, i) => {
    const [wanted, got] = [value + data[i]!, value + kept[i]!];
    return got >= 0 && Math.abs(Math.log((got + EPSILON) / (wanted + EPSILON))) <= MOST;
  });
}
