import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '../common/errors.js';
import { sha256, sha256File, writeFileAtomic, writeJsonAtomic } from '../common/files.js';
import { readJsonFile } from '../common/json-file.js';
import type { CheckpointOutline } from '../models/checkpoint.js';
import { decodeSafetensors, encodeSafetensors, type TensorToWrite, toFloat32 } from '../models/safetensors.js';
import type { StateDict } from '../models/state-dict.js';
import { readFile } from '../common/read-file.js';
import {
  ADAPTOR_FILES,
  type AdaptorConfig,
  configSchema,
  filesOf,
  kindOf,
  type WithoutEach,
} from './kinds/registry.js';

const TODO = 'Give a folder that gearnn finetune has written, with --split or --adapt.';

/** What fine-tuning for one level changed of a base. */
export interface Adaptor {
  folder: string;
  config: AdaptorConfig;
  /** Values of its own tensors, in the reference's layout and its kind's order: of a split's items, or factors of changes. */
  state: StateDict;
  /** Of the two files that were read: what `adaptorHash` of the calibration gives for the folder while they stay. */
  hash: string;
}

/** How a tensor is kept: `I8` as whole numbers from -127 to 127 that a scale turns into its values. */
export interface TensorStorage {
  dtype: TensorToWrite['dtype'];
  /** Of `I8`. */
  scale?: number;
}

/** A config to be written. Default of `format`: a split's items. */
export type NewAdaptorConfig = WithoutEach<AdaptorConfig, 'format' | 'version'> &
  Partial<Pick<AdaptorConfig, 'format'>>;

/**
 * Writes an adaptor: its tensors, then its config, each whole or not at all, under the names of its kind's files.
 *
 * @param state holds its own tensors; others (a whole network's) are left out
 * @param storage of tensors that are not to be kept as fp32
 * @throws E_ADAPTOR if one is not there, or a part's size is not that of its tensors
 */
export async function saveAdaptor(
  folder: string,
  config: NewAdaptorConfig,
  state: StateDict,
  storage: ReadonlyMap<string, TensorStorage> = new Map(),
): Promise<void> {
  const checked = configSchema.parse({ format: 'gearnn-adaptor', version: 1, ...config });
  const files = filesOf(kindOf(checked));
  const tensors = new Map<string, TensorToWrite>();
  const metadata: Record<string, string> = { format: 'pt' };
  for (const [name, { shape, data }] of tensorsOf(checked, state, folder)) {
    const { dtype, scale = 1 } = storage.get(name) ?? { dtype: 'F32' };
    tensors.set(name, { dtype, shape, data: dtype === 'I8' ? data.map((value) => Math.round(value / scale)) : data });
    if (dtype === 'I8') metadata[scaleKey(name)] = String(scale);
  }
  await writeFileAtomic(join(folder, files.tensors), encodeSafetensors(tensors, metadata));
  await writeJsonAtomic(join(folder, files.config), checked);
}

/**
 * Reads an adaptor of any kind; no engine is needed.
 *
 * @param base refuses the adaptor where it is given and another one than the adaptor's ({@link checkAdaptor})
 * @throws E_ADAPTOR if the folder or a file is missing, of another format, or the two files contradict each other, or are written to
 *   meanwhile; E_SAFETENSORS for a damaged file
 */
export async function loadAdaptor(folder: string, base?: CheckpointOutline): Promise<Adaptor> {
  const before = await configHash(folder);
  const config = await readAdaptorConfig(folder);
  const path = join(folder, adaptorFiles(folder)!.tensors);
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => missingTensors(path, cause));
  const { tensors, metadata } = decodeSafetensors(bytes, path);
  const state: StateDict = new Map(
    [...tensors].map(([name, tensor]) => {
      const scale = tensor.dtype === 'I8' ? scaleIn(metadata, name, path) : 1;
      const data = toFloat32(tensor);
      return [name, { shape: tensor.shape, data: scale === 1 ? data : data.map((value) => scale * value) }];
    }),
  );
  if (before === undefined || (await configHash(folder)) !== before)
    fail('E_ADAPTOR', { where: folder, expected: 'files that stay while they are read', got: 'a config that changed' });
  const hash = sha256(`${before} ${sha256(bytes)}`);
  const adaptor = { folder, config, state: tensorsOf(config, state, path), hash };
  const strangers = [...state.keys()].filter((name) => !adaptor.state.has(name));
  if (strangers.length > 0) {
    fail('E_ADAPTOR', { where: path, expected: 'the tensors of its config and no other', got: strangers.join(', ') });
  }
  if (base) checkAdaptor(adaptor, base);
  return adaptor;
}

/** Names of an adaptor's two files; undefined where a folder holds no adaptor's config. */
export function adaptorFiles(folder: string): { config: string; tensors: string } | undefined {
  return ADAPTOR_FILES.find(({ config }) => existsSync(join(folder, config)));
}

/** Of the file that an adaptor's config is in; undefined where there is none. */
async function configHash(folder: string): Promise<string | undefined> {
  const files = adaptorFiles(folder);
  return files && sha256File(join(folder, files.config)).catch(() => undefined);
}

/** Reads an adaptor's config alone. @throws E_ADAPTOR */
export function readAdaptorConfig(folder: string): Promise<AdaptorConfig> {
  const { config } = adaptorFiles(folder) ?? ADAPTOR_FILES[0]!;
  return readJsonFile(join(folder, config), configSchema, {
    code: 'E_ADAPTOR',
    expected: `the ${config} of an adaptor of gearnn, version 1`,
    todo: TODO,
  });
}

/**
 * Checks that an adaptor belongs to a base.
 *
 * @throws E_ADAPTOR_BASE_MISMATCH with both hashes; E_ADAPTOR_CLASSES where the hashes agree but the configs name other
 *   classes; E_ADAPTOR_SHAPE for a tensor that the base lacks or has in another shape
 */
export function checkAdaptor({ folder, config, state }: Omit<Adaptor, 'hash'>, base: CheckpointOutline): void {
  if (config.base !== base.hash) {
    fail('E_ADAPTOR_BASE_MISMATCH', {
      where: folder,
      expected: `an adaptor of the base ${base.folder}, ${describe(base.hash, base.config.network)}`,
      got: `one of the base ${describe(config.base, config.network)}`,
      todo: 'Use the base that it was trained from, or train the adaptor again from this one.',
    });
  }
  const [own, other] = [config, base.config].map(({ classes }) => classes?.map(({ name }) => name).join(', '));
  if (own !== undefined && own !== other) {
    fail('E_ADAPTOR_CLASSES', {
      where: folder,
      expected: `the classes of the base ${base.folder} (${other})`,
      got: own,
      todo: "One of the two config files was edited: make the adaptor's classes the base's.",
    });
  }
  const shapes = kindOf(config).shapes(config, (name) => base.state.get(name)?.shape);
  for (const [name, { shape }] of state) {
    const wanted = shapes.get(name);
    if (String(wanted) === String(shape)) continue;
    fail('E_ADAPTOR_SHAPE', {
      where: `${folder}: ${name}`,
      expected: wanted ? `shape [${wanted}] to fit the base` : 'a tensor of the base, or of use there',
      got: `shape [${shape}]`,
      todo: 'The adaptor was edited or is damaged: train it again.',
    });
  }
}

/** What the file's metadata call the scale of a tensor that is kept as bytes. */
const scaleKey = (name: string): string => `scale ${name}`;

function scaleIn(metadata: Readonly<Record<string, string>>, name: string, where: string): number {
  const scale = Number(metadata[scaleKey(name)]);
  if (Number.isFinite(scale) && scale > 0) return scale;
  const got = metadata[scaleKey(name)] ?? 'none';
  return fail('E_ADAPTOR', { where, expected: `in its metadata the scale of ${name}, above 0`, got, todo: TODO });
}

/** An adaptor's own tensors out of a state, in its kind's order. */
function tensorsOf(config: AdaptorConfig, state: StateDict, where: string): StateDict {
  const result: StateDict = new Map();
  for (const part of kindOf(config).parts(config)) {
    for (const name of part.tensors) {
      const values = state.get(name);
      if (!values)
        fail('E_ADAPTOR', { where, expected: `tensor ${name} of item ${part.name}`, got: 'none', todo: TODO });
      result.set(name, values);
    }
    const size = part.tensors.reduce((sum, name) => sum + result.get(name)!.data.length, 0);
    if (size === part.size) continue;
    fail('E_ADAPTOR', { where, expected: `${part.size} parameters in item ${part.name}`, got: `${size}`, todo: TODO });
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
