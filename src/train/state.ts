import { readFile, rm } from 'node:fs/promises';
import { fail } from '../common/errors.js';
import { writeFileAtomic } from '../common/files.js';
import type { Network } from '../models/network.js';
import { decodeSafetensors, encodeSafetensors, toFloat32, type TensorToWrite } from '../models/safetensors.js';
import * as tf from '@tensorflow/tfjs';

/** Where an interrupted run stopped: the next batch to train on, and what was measured so far. */
export interface Position {
  epoch: number;
  batch: number;
  /** Sum of the losses of this epoch's finished batches. */
  lossSum: number;
  history: EpochRecord[];
}

/** What one epoch came to. */
export interface EpochRecord {
  epoch: number;
  /** Mean over the epoch's batches. */
  loss: number;
  /** Of the epoch's last step. */
  learningRate: number;
  /** Mean intersection over union on the validation samples, where there are any. */
  miou?: number;
  seconds: number;
}

/** A run's name for its options: a state is only taken up by a run with the same ones. */
export interface RunState {
  path: string;
  /** Hash of everything that the outcome depends on. */
  fingerprint: string;
}

/**
 * Writes weights, momenta and position as one file, so that a crash leaves the old state or the new one.
 * Tensors are in the engine's own layout: the file is for this program alone.
 */
export async function saveState(
  { path, fingerprint }: RunState,
  network: Network,
  momenta: Map<string, tf.Variable>,
  position: Position,
): Promise<void> {
  const tensors = new Map<string, TensorToWrite>();
  const put = (name: string, tensor: tf.Tensor): void => {
    tensors.set(name, { dtype: 'F32', shape: tensor.shape, data: tensor.dataSync() as Float32Array });
  };
  for (const { name, variable } of network.state) put(name, variable.read());
  for (const [name, variable] of momenta) put(`momentum/${name}`, variable);
  await writeFileAtomic(path, encodeSafetensors(tensors, { fingerprint, position: JSON.stringify(position) }));
}

/**
 * Takes up a state.
 *
 * @returns null where there is none
 * @throws E_TRAIN_RESUME where the state is of a run with other options
 */
export async function loadState(
  { path, fingerprint }: RunState,
  network: Network,
  momenta: Map<string, tf.Variable>,
): Promise<Position | null> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const { tensors, metadata } = decodeSafetensors(bytes, path);
  if (metadata.fingerprint !== fingerprint) {
    fail('E_TRAIN_RESUME', {
      where: path,
      expected: 'the state of a run with the same options',
      got: 'one with others (network, data, seed, rate, epochs, batch, crop or trained items differ)',
      todo: 'Resume with the options that the run was started with, or start anew with --force.',
    });
  }
  const values = (name: string): Float32Array => toFloat32(tensors.get(name)!);
  for (const { name, variable } of network.state) {
    const tensor = tf.tensor(values(name), variable.shape as number[]);
    variable.write(tensor);
    tensor.dispose();
  }
  for (const [name, variable] of momenta) {
    const tensor = tf.tensor(values(`momentum/${name}`), variable.shape);
    variable.assign(tensor);
    tensor.dispose();
  }
  return JSON.parse(metadata.position!) as Position;
}

export async function removeState({ path }: RunState): Promise<void> {
  await rm(path, { force: true });
}
