import { basename } from 'node:path';
import { fail, GearnnError } from '../common/errors.js';
import { sha256 } from '../common/files.js';
import type { ClassInfo } from '../data/dataset.js';
import { type Storage, storedTask } from './checkpoint-config.js';
import { roundToStorage, saveCheckpoint } from './checkpoint.js';
import { colorClasses } from '../data/class-colors.js';
import type { Network, NetworkConfig, ParameterInfo } from './network.js';
import { createNetwork, networkNames } from './registry.js';
import { decodeSafetensors, toFloat32 } from './safetensors.js';
import { loadStateDict, type StateDict, stateDict } from './state-dict.js';
import { requireNetworkFor, requireSides } from './task.js';
import { taskNamed } from '../tasks/registry.js';
import type { Preprocessing } from './preprocessing.js';
import { readFile } from '../common/read-file.js';

export interface ImportOptions {
  /** A safetensors file with the reference's names and layouts. */
  file: string;
  /** Folder of the checkpoint to write. */
  out: string;
  network: NetworkConfig;
  /** Default: `class 0`, `class 1`, ... */
  classes?: ClassInfo[];
  /** The id of pixels that count nowhere. */
  ignore?: number;
  /** What the network was trained with; a network that sees other values answers wrongly. Default: the network's own, of most ImageNet's. */
  preprocessing?: Partial<Preprocessing>;
  storage?: Storage;
}

/**
 * Makes a checkpoint of weights that another program saved. Names may carry `module.` in front, counts of batches are passed
 * over, those of earlier versions of the reference are known, and the fixed upsampler is filled in where it is absent. Makes the network on the running engine and frees it.
 *
 * @returns the checkpoint's hash
 * @throws E_SAFETENSORS for a file that is missing or is none; E_STATE listing every tensor that does not fit, or one that
 *   is not finite; E_UPSAMPLER if the upsampler has learned; E_CHECKPOINT_CLASSES if there are more or fewer classes
 */
export async function importCheckpoint(options: ImportOptions): Promise<string> {
  const { file, out, network, ignore = 255, storage = 'fp32' } = options;
  const classes = options.classes ?? colorClasses(Array.from({ length: network.classes }, (_, id) => `class ${id}`));
  if (classes.length !== network.classes) {
    fail('E_CHECKPOINT_CLASSES', {
      where: 'import.classes',
      expected: `${network.classes} classes, as the network has`,
      got: `${classes.length}`,
      todo: 'Name as many classes as the network tells apart.',
    });
  }
  const twin = classes.find(({ name }, id) => classes.findIndex((other) => other.name === name) < id);
  if (twin) {
    fail('E_CHECKPOINT_CLASSES', {
      where: 'import.classes',
      expected: 'a name of its own for each class',
      got: `"${twin.name}" as class ${classes.flatMap(({ name }, id) => (name === twin.name ? [id] : [])).join(' and ')}`,
      todo: 'Give each class another name.',
    });
  }
  const bytes = await readWeights(file);
  const state: StateDict = new Map(
    [...decodeSafetensors(bytes, file).tensors].map(([name, tensor]) => [
      name,
      { shape: tensor.shape, data: toFloat32(tensor) },
    ]),
  );
  const training = { imported: { file: basename(file), sha256: sha256(bytes) } };

  const { state: whole, parameters, task, preprocessing } = complete(network, options.preprocessing, state, file);
  const config = { network, ...storedTask({ task }), classes, ignore, preprocessing, storage, training };
  return saveCheckpoint(out, config, roundToStorage(whole, storage, parameters), parameters);
}

/** How a file of torch.save begins: a zip archive, or before version 1.6 a pickle. */
const TORCH_MAGIC = ['504b0304', '80028a0a'];

interface Complete extends Pick<Network, 'task'> {
  state: StateDict;
  parameters: readonly ParameterInfo[];
  preprocessing: Preprocessing;
}

/** The file's state under the network's names and in its order, fixed tensors filled in. */
function complete(
  config: NetworkConfig,
  stated: Partial<Preprocessing> | undefined,
  given: StateDict,
  file: string,
): Complete {
  const network = createNetwork(config, { preprocessing: stated });
  try {
    requireNetworkFor(taskNamed(network.task, -1), network);
    requireSides(network);
    loadStateDict(network, given, file);
    const state = stateDict(network);
    for (const [name, { data }] of state) {
      if (data.every(Number.isFinite)) continue;
      fail('E_STATE', { where: `${file}: ${name}`, expected: 'finite numbers', got: 'NaN or infinity' });
    }
    const { parameters, task, input } = network;
    return { state, parameters, task, preprocessing: input.preprocessing };
  } catch (error) {
    throw error instanceof GearnnError && error.code === 'E_STATE' ? withSuggestion(error, config, given) : error;
  } finally {
    network.dispose();
  }
}

/** Where another network has just the names of the file, the error says which. */
function withSuggestion(error: GearnnError, config: NetworkConfig, given: StateDict): GearnnError {
  const names = namesOf([...given.keys()]);
  const fits = networkNames().filter((name) => {
    // The narrowest at which channels grow from layer to layer as at full width, which decides where projections are.
    const network = createNetwork({ name, classes: 1, width: 0.125 });
    const own = namesOf(network.parameters.map((parameter) => parameter.name));
    network.dispose();
    return own === names;
  });
  if (fits.length === 0 || fits.includes(config.name)) return error;
  return new GearnnError('E_STATE', { ...error.parts, todo: `These are the tensors of ${fits.join(' or ')}.` });
}

/** Names as a text to compare, without what a file may have or lack. */
function namesOf(names: string[]): string {
  return names
    .map((name) => name.replace(/^module\./, ''))
    .filter((name) => name !== 'up.weight' && !name.endsWith('.num_batches_tracked'))
    .sort()
    .join();
}

/** @throws E_SAFETENSORS for a file that is missing, or one of PyTorch's own */
export async function readWeights(file: string): Promise<Buffer> {
  const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    if (!['ENOENT', 'ENOTDIR', 'EISDIR'].includes(cause.code ?? '')) throw cause;
    return fail('E_SAFETENSORS', { where: file, expected: 'a safetensors file', got: 'no such file', cause });
  });
  if (TORCH_MAGIC.includes(bytes.toString('hex', 0, 4))) {
    fail('E_SAFETENSORS', {
      where: file,
      expected: 'a safetensors file',
      got: 'a file that torch.save has written',
      todo: 'Convert it with the five lines of Python in docs/models.md.',
    });
  }
  return bytes;
}
