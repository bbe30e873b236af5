import { join } from 'node:path';
import { fail } from '../common/errors.js';
import { writeFileAtomic, writeJsonAtomic } from '../common/files.js';
import { readJsonFile } from '../common/json-file.js';
import type { CheckpointOutline } from '../models/checkpoint.js';
import { decodeSafetensors, encodeSafetensors, type TensorToWrite, toFloat32 } from '../models/safetensors.js';
import type { StateDict } from '../models/state-dict.js';
import { type AdaptorConfig, adaptorSchema } from './config.js';
import { readFile } from '../common/read-file.js';

export const ADAPTOR_CONFIG = 'adaptor_config.json';
export const ADAPTOR_TENSORS = 'adaptor.safetensors';
const TODO = 'Give a folder that gearnn finetune --split has written.';

/** The tensors of a split, fine-tuned for one level. */
export interface Adaptor {
  folder: string;
  config: AdaptorConfig;
  /** Values of the items' tensors, in the reference's layout, in the items' order. */
  state: StateDict;
}

/**
 * Writes an adaptor: `adaptor.safetensors`, then `adaptor_config.json`, each whole or not at all.
 *
 * @param state holds the items' tensors; others (a whole network's) are left out
 * @throws E_ADAPTOR if one is not there, or an item's size is not that of its tensors
 */
export async function saveAdaptor(
  folder: string,
  config: Omit<AdaptorConfig, 'format' | 'version'>,
  state: StateDict,
): Promise<void> {
  const checked = adaptorSchema.parse({ format: 'gearnn-adaptor', version: 1, ...config });
  const tensors = new Map<string, TensorToWrite>();
  for (const [name, values] of tensorsOf(checked, state, folder)) tensors.set(name, { dtype: 'F32', ...values });
  await writeFileAtomic(join(folder, ADAPTOR_TENSORS), encodeSafetensors(tensors, { format: 'pt' }));
  await writeJsonAtomic(join(folder, ADAPTOR_CONFIG), checked);
}

/**
 * Reads an adaptor; no engine is needed.
 *
 * @param base refuses the adaptor where it is given and another one than the adaptor's ({@link checkAdaptor})
 * @throws E_ADAPTOR if the folder or a file is missing, of another format, or the two files contradict each other;
 *   E_SAFETENSORS for a damaged file
 */
export async function loadAdaptor(folder: string, base?: CheckpointOutline): Promise<Adaptor> {
  const config = await readAdaptorConfig(folder);
  const path = join(folder, ADAPTOR_TENSORS);
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => missingTensors(path, cause));
  const state: StateDict = new Map(
    [...decodeSafetensors(bytes, path).tensors].map(([name, tensor]) => [
      name,
      { shape: tensor.shape, data: toFloat32(tensor) },
    ]),
  );
  const adaptor = { folder, config, state: tensorsOf(config, state, path) };
  const strangers = [...state.keys()].filter((name) => !adaptor.state.has(name));
  if (strangers.length > 0) {
    fail('E_ADAPTOR', { where: path, expected: "the items' tensors and no other", got: strangers.join(', ') });
  }
  if (base) checkAdaptor(adaptor, base);
  return adaptor;
}

/** Reads an adaptor's `adaptor_config.json` alone. @throws E_ADAPTOR */
export function readAdaptorConfig(folder: string): Promise<AdaptorConfig> {
  return readJsonFile(join(folder, ADAPTOR_CONFIG), adaptorSchema, {
    code: 'E_ADAPTOR',
    expected: 'the adaptor_config.json of an adaptor of gearnn, version 1',
    todo: TODO,
  });
}

/**
 * Checks that an adaptor belongs to a base.
 *
 * @throws E_ADAPTOR_BASE_MISMATCH with both hashes; E_ADAPTOR_CLASSES where the hashes agree but the configs name other
 *   classes; E_ADAPTOR_SHAPE for a tensor that the base lacks or has in another shape
 */
export function checkAdaptor({ folder, config, state }: Adaptor, base: CheckpointOutline): void {
  if (config.base !== base.hash) {
    fail('E_ADAPTOR_BASE_MISMATCH', {
      where: folder,
      expected: `an adaptor of the base ${base.folder}, ${describe(base.hash, base.config.network)}`,
      got: `one of the base ${describe(config.base, config.network)}`,
      todo: 'Use the base that it was trained from, or train the adaptor again from this one.',
    });
  }
  const [own, other] = [config, base.config].map(({ classes }) => classes.map(({ name }) => name).join(', '));
  if (own !== other) {
    fail('E_ADAPTOR_CLASSES', {
      where: folder,
      expected: `the classes of the base ${base.folder} (${other})`,
      got: own!,
      todo: "One of the two config files was edited: make the adaptor's classes the base's.",
    });
  }
  for (const [name, { shape }] of state) {
    const there = base.state.get(name);
    if (String(there?.shape) === String(shape)) continue;
    fail('E_ADAPTOR_SHAPE', {
      where: `${folder}: ${name}`,
      expected: there ? `shape [${there.shape}] as in the base` : 'a tensor of the base',
      got: `shape [${shape}]`,
      todo: 'The adaptor was edited or is damaged: train it again.',
    });
  }
}

/** The items' tensors out of a state, in the items' order. */
function tensorsOf({ items }: AdaptorConfig, state: StateDict, where: string): StateDict {
  const result: StateDict = new Map();
  for (const item of items) {
    let size = 0;
    for (const name of item.tensors) {
      const values = state.get(name);
      if (!values)
        fail('E_ADAPTOR', { where, expected: `tensor ${name} of item ${item.name}`, got: 'none', todo: TODO });
      result.set(name, values);
      size += values.data.length;
    }
    if (size !== item.size) {
      fail('E_ADAPTOR', {
        where,
        expected: `${item.size} parameters in item ${item.name}`,
        got: `${size}`,
        todo: TODO,
      });
    }
  }
  return result;
}

function describe(hash: string, { name, classes, width }: AdaptorConfig['network']): string {
  return `${hash} (${name}, ${classes} classes, width ${width})`;
}

function missingTensors(path: string, cause: NodeJS.ErrnoException): never {
  if (!['ENOENT', 'ENOTDIR', 'EISDIR'].includes(cause.code ?? '')) throw cause;
  fail('E_ADAPTOR', { where: path, expected: 'the tensors of an adaptor', got: 'no such file', todo: TODO, cause });
}
