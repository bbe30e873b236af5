import type { OnnxOptions } from './guess.js';
import { readModel } from './parse.js';
import { saveImported, type ImportedOnnx } from './save-imported.js';

export interface ImportOnnxOptions extends OnnxOptions {
  file: string;
  /** Folder of the checkpoint to write. */
  out: string;
}

/**
 * Makes a checkpoint of an ONNX file, which is copied as it is; the running engine tries it on a black picture.
 *
 * @returns its hash, and how the file is used
 * @throws what {@link guessUse} and reading throw, E_CHECKPOINT_CLASSES; nothing is written then
 */
export async function importOnnx({ file, out, ...options }: ImportOnnxOptions): Promise<ImportedOnnx> {
  const model = readModel(file);
  return saveImported({ file, out, model, options }, async () => file);
}
