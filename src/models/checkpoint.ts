import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '../common/errors.js';
import { sha256, writeFileAtomic, writeJsonAtomic } from '../common/files.js';
import type { ClassInfo } from '../data/dataset.js';
import { failUnlabelled } from '../data/unlabelled.js';
import { baseHash, CONFIG, joined, missingModel, MODEL, onnxHashIn, readCheckpointConfig } from './base-hash.js';
import { type CheckpointConfig, checkpointSchema, type Storage } from './checkpoint-config.js';
import { roundToHalf } from './half.js';
import { isNormalization, type Network, type Parameter } from './network.js';
import type { OnnxConfig, OnnxSource } from './onnx/config.js';
import { copyOnnx, ONNX_FILE } from './onnx/files.js';
import { openOnnx } from './onnx/open.js';
import { createNetwork } from './registry.js';
import { decodeSafetensors, encodeSafetensors, type TensorToWrite, toFloat32 } from './safetensors.js';
import { loadStateDict, type StateDict, type StateValues } from './state-dict.js';
import { readFile } from '../common/read-file.js';

export { baseHash, readCheckpointConfig };

/** A network with its weights, as a folder holds it. */
export interface Checkpoint {
  folder: string;
  config: CheckpointConfig;
  /** Values as fp32, whatever the storage; in the file's order. */
  state: StateDict;
  /** What adaptors and splits know this base by: SHA-256 of `model.safetensors`, of `model.onnx`, or of the hashes of both. */
  hash: string;
}

type Located = Pick<Checkpoint, 'folder' | 'config'>;

/** What storing needs to know of a network's parameter. */
type StoredParameter = Pick<Parameter, 'name' | 'role'>;

/** What is left of a checkpoint whose values live in a network: what it is known by, and the shapes of its tensors. */
export interface CheckpointOutline extends Omit<Checkpoint, 'state'> {
  state: ReadonlyMap<string, Pick<StateValues, 'shape'>>;
}

/** Lets go of a checkpoint's values, which would otherwise be in memory a second time beside the network's. */
export function outlineOf({ folder, config, state, hash }: Checkpoint): CheckpointOutline {
  return { folder, config, hash, state: new Map([...state].map(([name, { shape }]) => [name, { shape }])) };
}

/**
 * Writes a checkpoint: `model.safetensors`, then `config.json`, each whole or not at all. Adaptors in the folder stay.
 *
 * @param state under the reference's names; with storage `fp16` it is written rounded, so round what you go on with too
 *   ({@link roundToStorage})
 * @param parameters of the network that the state is of
 * @param from the checkpoint that it was made of, whose ONNX file it takes along where it has one
 * @returns the hash of what was written
 */
export async function saveCheckpoint(
  folder: string,
  config: Omit<CheckpointConfig, 'format' | 'version'>,
  state: StateDict,
  parameters: readonly StoredParameter[],
  from?: string,
): Promise<string> {
  const checked = checkpointSchema.parse({ format: 'gearnn-checkpoint', version: 1, ...config });
  if (checked.onnx && from !== undefined) await copyOnnx(join(from, ONNX_FILE), checked.onnx.external ?? [], folder);
  const bytes = encodeState(state, halfOf(parameters, config.storage));
  await writeFileAtomic(join(folder, MODEL), bytes);
  await writeJsonAtomic(join(folder, CONFIG), checked);
  return joined(checked.onnx && (await onnxHashIn(folder, checked.onnx)), sha256(bytes));
}

/**
 * Makes a checkpoint of an ONNX file: the file with its external data, then `config.json`.
 *
 * @param source path of the file, which is copied, or its bytes
 * @returns its hash
 * @throws E_ONNX_EXTERNAL
 */
export async function saveOnnxCheckpoint(
  folder: string,
  config: Omit<CheckpointConfig, 'format' | 'version'> & { onnx: OnnxConfig },
  source: string | Uint8Array,
): Promise<string> {
  const checked = checkpointSchema.parse({ format: 'gearnn-checkpoint', version: 1, ...config });
  if (typeof source === 'string') await copyOnnx(source, config.onnx.external ?? [], folder);
  else await writeFileAtomic(join(folder, ONNX_FILE), source);
  await writeJsonAtomic(join(folder, CONFIG), checked);
  return onnxHashIn(folder, config.onnx);
}

/**
 * Reads a checkpoint; no engine is needed.
 *
 * @throws E_CHECKPOINT if the folder or a file is missing or of another format, E_SAFETENSORS for a damaged file
 */
export async function loadCheckpoint(folder: string): Promise<Checkpoint> {
  const config = await readCheckpointConfig(folder);
  const path = join(folder, MODEL);
  const base = config.onnx && (await onnxHashIn(folder, config.onnx));
  const source = onnxSource({ folder, config });
  if (base !== undefined && source && !existsSync(path))
    return { folder, config, hash: base, state: new Map(openOnnx(source).parameters.map((one) => [one.name, one])) };
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => missingModel(path, cause));
  const { tensors } = decodeSafetensors(bytes, path);
  const state: StateDict = new Map(
    [...tensors].map(([name, tensor]) => [name, { shape: tensor.shape, data: toFloat32(tensor) }]),
  );
  return { folder, config, state, hash: joined(base, sha256(bytes)) };
}

/** Where a network out of an ONNX file is read from. */
export function onnxSource({ folder, config: { onnx, task = 'segmentation' } }: Located): OnnxSource | undefined {
  return onnx && { ...onnx, path: join(folder, ONNX_FILE), task };
}

/** A network like a checkpoint's, for whoever needs its tensors' names and shapes; the caller disposes it. @throws E_MODEL_NAME */
export function blankNetworkOf(checkpoint: Located): Network {
  const { network, preprocessing } = checkpoint.config;
  return createNetwork(network, { seed: null, preprocessing, onnx: onnxSource(checkpoint) });
}

/**
 * The network of a checkpoint, with its weights, on the running engine; the caller disposes it.
 *
 * @throws E_MODEL_NAME, and E_STATE or E_UPSAMPLER where the weights are not those of the network
 */
export function networkOf(checkpoint: Checkpoint): Network {
  const network = blankNetworkOf(checkpoint);
  try {
    loadStateDict(network, checkpoint.state, join(checkpoint.folder, MODEL));
  } catch (error) {
    network.dispose();
    throw error;
  }
  return network;
}

/**
 * A state as a checkpoint of this storage will give it back: with `fp16`, convolutions and their biases rounded, and batch
 * normalizations as they are. Round a base before anything is fine-tuned from it, so that its adaptors fit what is stored.
 */
export function roundToStorage(state: StateDict, storage: Storage, parameters: readonly StoredParameter[]): StateDict {
  const half = halfOf(parameters, storage);
  return new Map(
    [...state].map(([name, { shape, data }]) => [
      name,
      { shape: [...shape], data: half.has(name) ? roundToHalf(data) : data.slice() },
    ]),
  );
}

/**
 * Compares a checkpoint's classes with a dataset's.
 *
 * @param where the dataset, for messages
 * @returns a line for each class that has another name, to warn of
 * @throws E_CHECKPOINT_CLASSES if their numbers differ, E_DATA_TASK for images without labels, which have none
 */
export function compareClasses(
  { classes, task }: CheckpointConfig,
  others: readonly ClassInfo[],
  where: string,
): string[] {
  if (others.length === 0) failUnlabelled(where);
  // Background and foreground, whatever they are called.
  if (task === 'foreground') return [];
  if (classes.length !== others.length) {
    fail('E_CHECKPOINT_CLASSES', {
      where,
      expected: `the ${classes.length} classes of the checkpoint`,
      got: `${others.length}`,
      todo: 'Use the dataset that the checkpoint was trained for, or one with the same classes.',
    });
  }
  return classes.flatMap(({ name }, id) =>
    name === others[id]!.name
      ? []
      : [`class ${id} is "${name}" in the checkpoint and "${others[id]!.name}" in ${where}`],
  );
}

function encodeState(state: StateDict, half: ReadonlySet<string>): Uint8Array {
  const tensors = new Map<string, TensorToWrite>();
  for (const [name, { shape, data }] of state) {
    tensors.set(name, { dtype: half.has(name) ? 'F16' : 'F32', shape, data });
  }
  // PyTorch's tools look for this mark.
  return encodeSafetensors(tensors, { format: 'pt' });
}

/** Names of the tensors that are stored rounded: those of normalizations never are. */
function halfOf(parameters: readonly StoredParameter[], storage: Storage): Set<string> {
  const rounded = storage === 'fp16' ? parameters.filter((parameter) => !isNormalization(parameter)) : [];
  return new Set(rounded.map(({ name }) => name));
}
