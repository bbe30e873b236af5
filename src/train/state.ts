import tf from '../common/tf.cjs';
import { fail } from '../common/errors.js';
import { canonicalJson, writeFileAtomic } from '../common/files.js';
import type { Network } from '../models/network.js';
import { decodeSafetensors, encodeSafetensors, toFloat32, type TensorToWrite } from '../models/safetensors.js';
import { type RunIdentity, differences, unrecorded } from './identity.js';
import { readFile } from '../common/read-file.js';

/** Where an interrupted run stopped: the next batch to train on, and what was measured so far. */
export interface Position {
  epoch: number;
  /** All of the epoch's where only its end (validation) is left. */
  batch: number;
  /** Sum of the losses of this epoch's finished batches, and the time that they took. */
  lossSum: number;
  /** The same of the loss's parts by name; absent where it is one. */
  partSums?: Record<string, number>;
  seconds: number;
  history: EpochRecord[];
}

/** What an epoch is validated by: the task's primary score, by its name. */
export type EpochScore = Pick<EpochRecord, 'miou' | 'top1'>;

/** What one epoch came to. */
export interface EpochRecord {
  /** From 1. */
  epoch: number;
  /** Mean over the epoch's batches. */
  loss: number;
  /** Of its parts by name, where there are several. */
  losses?: Record<string, number>;
  /** Of the epoch's last step. */
  learningRate: number;
  /** Mean intersection over union on the validation samples, where there are any. */
  miou?: number;
  /** Of networks that classify instead: the share of these samples whose likeliest class is right. */
  top1?: number;
  /** Of training; validation and the saving of states take longer still. */
  seconds: number;
}

/** A run's state on disk. */
export interface RunState {
  path: string;
  /** A state is taken up only by a run that would have come to the same. */
  identity: RunIdentity;
}

/**
 * Writes weights, momenta and position as one file, so that a crash leaves the old state or the new one.
 * Tensors are in the engine's own layout: the file is for this program alone.
 */
export async function saveState(
  { path, identity }: RunState,
  network: Network,
  momenta: Map<string, tf.Variable>,
  position: Position,
): Promise<void> {
  const tensors = new Map<string, TensorToWrite>();
  const put = (name: string, tensor: tf.Tensor): void => {
    tensors.set(name, { dtype: 'F32', shape: tensor.shape, data: tensor.dataSync() as Float32Array });
  };
  for (const { name, variable } of network.parameters) put(name, variable);
  for (const [name, variable] of momenta) put(`momentum/${name}`, variable);
  const metadata = { identity: canonicalJson(identity), position: JSON.stringify(position) };
  await writeFileAtomic(path, encodeSafetensors(tensors, metadata));
}

/**
 * Takes up a state.
 *
 * @param warn told where the state does not say all that it depends on
 * @returns null where there is none
 * @throws E_TRAIN_RESUME naming what differs where the state is of a run with other options, E_SAFETENSORS for a damaged file
 */
export async function loadState(
  { path, identity }: RunState,
  network: Network,
  momenta: Map<string, tf.Variable>,
  warn?: (message: string) => void,
): Promise<Position | null> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const { tensors, metadata } = decodeSafetensors(bytes, path);
  checkIdentity(JSON.parse(metadata.identity ?? '{}') as RunIdentity, identity, path, warn);
  const restore = (name: string, variable: tf.Variable): void => {
    const tensor = tf.tensor(toFloat32(tensors.get(name)!), variable.shape);
    variable.assign(tensor);
    tensor.dispose();
  };
  for (const { name, variable } of network.parameters) restore(name, variable);
  for (const [name, variable] of momenta) restore(`momentum/${name}`, variable);
  return JSON.parse(metadata.position!) as Position;
}

/**
 * @param warn told where `there` is of a version of gearnn that did not note what its data were: then they are taken to be the same
 * @throws E_TRAIN_RESUME naming what differs between the run that `where` is of and this one
 */
export function checkIdentity(
  there: RunIdentity,
  here: RunIdentity,
  where: string,
  warn?: (message: string) => void,
): void {
  const others = differences(there, here);
  if (others.length === 0) {
    const unknown = unrecorded(there, here);
    if (unknown.length > 0) {
      warn?.(
        `${where} was begun by a version of gearnn that did not note ${unknown.join(' and ')}: whether they are the same now cannot be known`,
      );
    }
    return;
  }
  fail('E_TRAIN_RESUME', {
    where,
    expected: 'a run with the same options and the same data',
    got: `another one (${others.slice(0, 5).join('; ')}${others.length > 5 ? `; and ${others.length - 5} more` : ''})`,
    todo: 'Resume with the options and the data that the run was started with, or start anew with --force.',
  });
}
