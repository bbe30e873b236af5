import { copyFile, rename } from 'node:fs/promises';
import { basename, dirname, join, normalize } from 'node:path';
import { fail } from '../../common/errors.js';
import { sha256, sha256File } from '../../common/files.js';
import { makeFolder } from '../../common/folders.js';

/** A checkpoint's ONNX file. */
export const ONNX_FILE = 'model.onnx';

/** What a checkpoint has beside it under names of its own. */
const TAKEN: ReadonlySet<string> = new Set(['config.json', 'model.safetensors', ONNX_FILE]);

/**
 * Copies an ONNX file and its external data, byte by byte.
 *
 * @param external paths of its external data, relative to it
 * @param folder of the checkpoint
 * @throws E_ONNX_EXTERNAL for external data with a name that checkpoints use
 */
export async function copyOnnx(path: string, external: readonly string[], folder: string): Promise<void> {
  const taken = external.find((file) => TAKEN.has(normalize(file)));
  if (taken !== undefined)
    fail('E_ONNX_EXTERNAL', {
      where: path,
      expected: `external data under another name than ${[...TAKEN].join(', ')}`,
      got: taken,
      todo: 'Save the model again with onnx.save_model(..., location="weights.data").',
    });
  for (const [from, to] of [[basename(path), ONNX_FILE], ...external.map((file) => [file, file])] as [
    string,
    string,
  ][]) {
    const target = join(folder, to);
    await makeFolder(dirname(target));
    // Whole or not at all, and with an inode of its own.
    await copyFile(join(dirname(path), from), `${target}.tmp`);
    await rename(`${target}.tmp`, target);
  }
}

/** What an ONNX file is known by: SHA-256 of the file; with external data, of the hashes of all its files. */
export async function onnxHash(path: string, external: readonly string[]): Promise<string> {
  const all = [await sha256File(path)];
  for (const file of external) all.push(await sha256File(join(dirname(path), file)));
  return all.length === 1 ? all[0]! : sha256(all.join('\n'));
}
