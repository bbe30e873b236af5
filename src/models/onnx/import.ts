import { basename } from 'node:path';
import { colorClasses } from '../../data/class-colors.js';
import { storedTask } from '../checkpoint-config.js';
import { saveOnnxCheckpoint } from '../checkpoint.js';
import { onnxHash } from './files.js';
import { guessUse, type OnnxOptions, type OnnxUse } from './guess.js';
import { inFile } from './in-file.js';
import { readModel } from './parse.js';
import { classNamesOf } from './use.js';

export interface ImportOnnxOptions extends OnnxOptions {
  file: string;
  /** Folder of the checkpoint to write. */
  out: string;
}

/** The id of pixels that count nowhere in label maps, by custom. */
const IGNORE = 255;

/**
 * Makes a checkpoint of an ONNX file, which is copied as it is; the running engine tries it on a black picture.
 *
 * @returns its hash, and how the file is used
 * @throws what {@link guessUse} and reading throw, E_CHECKPOINT_CLASSES; nothing is written then
 */
export async function importOnnx({
  file,
  out,
  ...options
}: ImportOnnxOptions): Promise<{ hash: string; use: OnnxUse }> {
  const model = readModel(file);
  const use = inFile(file, () => guessUse(model, file, options));
  const { task, preprocessing, input, compare, answer, head } = use;
  const classes = colorClasses(inFile(file, () => classNamesOf(model, use)));
  const { external } = model;
  const sha256 = await onnxHash(file, external);
  const name = basename(file);
  const hash = await saveOnnxCheckpoint(
    out,
    {
      network: { name: 'onnx', classes: classes.length, width: 1 },
      ...storedTask({ task }),
      ...{ classes, ignore: IGNORE, preprocessing, storage: 'fp32' },
      onnx: {
        ...{ file: name, sha256, ...(external.length > 0 && { external: [...external] }), input, compare, answer },
        ...(head && { head }),
      },
      training: { imported: { file: name, sha256 } },
    },
    file,
  );
  return { hash, use };
}
