import { basename } from 'node:path';
import { colorClasses } from '../../data/class-colors.js';
import { sha256 } from '../../common/files.js';
import { storedTask } from '../checkpoint-config.js';
import { saveOnnxCheckpoint } from '../checkpoint.js';
import { onnxHash } from './files.js';
import { guessUse, type OnnxOptions, type OnnxUse } from './guess.js';
import { inFile } from './in-file.js';
import type { Model } from './model.js';
import { classNamesOf } from './use.js';

/** The checkpoint of an imported file. */
export interface ImportedOnnx {
  hash: string;
  use: OnnxUse;
}

/** A file that is imported, read. */
export interface ImportedFile {
  file: string;
  /** Folder of the checkpoint to write. */
  out: string;
  model: Model;
  options: OnnxOptions;
}

/** The id of pixels that count nowhere in label maps, by custom. */
const IGNORE = 255;

/**
 * Makes a checkpoint of a file that was read as an ONNX model; the running engine tries it on a black picture.
 *
 * @param source path of the ONNX file to copy, or the bytes of one to write
 * @throws what {@link guessUse} throws, E_CHECKPOINT_CLASSES; nothing is written then
 */
export async function saveImported(
  { file, out, model, options }: ImportedFile,
  source: (use: OnnxUse) => Promise<string | Uint8Array>,
): Promise<ImportedOnnx> {
  const use = inFile(file, () => guessUse(model, file, options));
  const { task, preprocessing, input, compare, answer, head } = use;
  const classes = colorClasses(inFile(file, () => classNamesOf(model, use)));
  const { external } = model;
  const from = await source(use);
  const hash = typeof from === 'string' ? await onnxHash(from, external) : sha256(from);
  const name = basename(file);
  const saved = await saveOnnxCheckpoint(
    out,
    {
      network: { name: 'onnx', classes: classes.length, width: 1 },
      ...storedTask({ task }),
      ...{ classes, ignore: IGNORE, preprocessing, storage: 'fp32' },
      onnx: {
        file: name,
        sha256: hash,
        ...(external.length > 0 && { external: [...external] }),
        input,
        compare,
        answer,
        ...(head && { head }),
      },
      training: { imported: { file: name, sha256: hash } },
    },
    from,
  );
  return { hash: saved, use };
}
