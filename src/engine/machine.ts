import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import tf from '../common/tf.cjs';
import { z } from 'zod';
import { machineSize } from './cpu.js';
import type { NativeBackend } from './native.js';
import { readTextSync } from '../common/text-file.js';

/** What computed a result. */
export const machineSchema = z.strictObject({
  /** The processor's name. */
  processor: z.string(),
  /** The graphics card's name; only where the engine computed on it. */
  gpu: z.string().optional(),
  /** The engine's name. */
  engine: z.string(),
  /** Of the engine's native library, or of the TensorFlow.js package. */
  version: z.string(),
});

export type Machine = z.infer<typeof machineSchema>;

/** @param engine the running one */
export function thisMachine({ name, version }: { name: string; version: string }): Machine {
  const gpu = usesGpu(name) ? { gpu: gpuName() } : {};
  return { processor: machineSize().processor, ...gpu, engine: name, version };
}

/** In words, such as `AMD EPYC, tensorflow 2.21.0`. */
export function machineText({ processor, gpu, engine, version }: Machine): string {
  return `${gpu === undefined ? '' : `${gpu} with `}${processor}, ${engine} ${version}`;
}

function usesGpu(engine: string): boolean {
  if (engine !== 'tensorflow') return false;
  const backend = tf.engine().findBackend('tensorflow') as NativeBackend | undefined;
  return backend?.binding.isUsingGpuDevice() ?? false;
}

/**
 * The models of the machine's NVIDIA cards, each named once.
 *
 * @param folder where the driver describes each card in a folder; given by tests
 * @source NVIDIA's driver, README, "The /proc file system": `gpus/DOMAIN:BUS:DEVICE/information`
 */
export function gpuName(folder = '/proc/driver/nvidia/gpus'): string {
  const models = new Set<string>();
  for (const card of namesIn(folder)) {
    const model = /^Model:\s*(.+?)\s*$/m.exec(textOf(join(folder, card, 'information')))?.[1];
    if (model) models.add(model);
  }
  return models.size > 0 ? [...models].sort().join(', ') : 'a graphics card of unknown name';
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function textOf(path: string): string {
  try {
    return readTextSync(path);
  } catch {
    return '';
  }
}
