import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '../common/errors.js';
import { sha256, sha256File } from '../common/files.js';
import { readJsonFile } from '../common/json-file.js';
import { type CheckpointConfig, checkpointSchema } from './checkpoint-config.js';
import type { OnnxConfig } from './onnx/config.js';
import { ONNX_FILE, onnxHash } from './onnx/files.js';

export const CONFIG = 'config.json';
export const MODEL = 'model.safetensors';
const TODO = 'Give a folder that gearnn train, finetune or import has written.';

/** Reads a checkpoint's `config.json` alone. @throws E_CHECKPOINT */
export function readCheckpointConfig(folder: string): Promise<CheckpointConfig> {
  return readJsonFile(join(folder, CONFIG), checkpointSchema, {
    code: 'E_CHECKPOINT',
    expected: 'the config.json of a checkpoint of gearnn, version 1',
    todo: TODO,
  });
}

/** A checkpoint's hash without reading its weights into memory. @throws E_CHECKPOINT */
export async function baseHash(folder: string): Promise<string> {
  const path = join(folder, MODEL);
  const onnx = existsSync(join(folder, ONNX_FILE)) ? (await readCheckpointConfig(folder)).onnx : undefined;
  const base = onnx && (await onnxHashIn(folder, onnx));
  if (base !== undefined && !existsSync(path)) return base;
  return joined(base, await sha256File(path).catch((cause: NodeJS.ErrnoException) => missingModel(path, cause)));
}

/** The hash of both files of a checkpoint, of which most have one. */
export function joined(onnx: string | undefined, weights: string): string {
  return onnx === undefined ? weights : sha256(`${onnx}\n${weights}`);
}

/** @throws E_CHECKPOINT for a file that is missing, or another one than was imported */
export async function onnxHashIn(folder: string, { sha256: imported, external = [] }: OnnxConfig): Promise<string> {
  const path = join(folder, ONNX_FILE);
  const hash = await onnxHash(path, external).catch((cause: NodeJS.ErrnoException) => missingModel(path, cause));
  if (hash === imported) return hash;
  return fail('E_CHECKPOINT', {
    where: path,
    expected: `the file that was imported, ${imported}`,
    got: hash,
    todo: 'Import the other file into a folder of its own: gearnn import.',
  });
}

/** @throws E_CHECKPOINT where the file is not there; else what reading it failed with */
export function missingModel(path: string, cause: NodeJS.ErrnoException): never {
  if (!['ENOENT', 'ENOTDIR', 'EISDIR'].includes(cause.code ?? '')) throw cause;
  fail('E_CHECKPOINT', {
    where: path,
    expected: 'the weights of a checkpoint',
    got: 'no such file',
    todo: TODO,
    cause,
  });
}
