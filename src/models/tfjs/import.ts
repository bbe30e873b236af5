import type { OnnxOptions } from '../onnx/guess.js';
import { saveImported, type ImportedOnnx } from '../onnx/save-imported.js';
import { messageType } from '../onnx/messages.js';
import { missingOps } from '../onnx/check.js';
import { sortNodes } from '../onnx/sort.js';
import { readTfjs } from './read.js';
import { reduceTo } from './translate.js';

export interface ImportTfjsOptions extends OnnxOptions {
  /** `model.json` of a GraphModel or LayersModel, its shards beside it. */
  file: string;
  /** Folder of the checkpoint to write. */
  out: string;
}

/**
 * Makes a checkpoint of a TensorFlow.js model: an ONNX file of its operations, under its own names, and how it is used. Of outputs that gearnn
 * cannot compute only values in front are there, as `compare` names them. The running engine tries it on a black picture.
 *
 * @returns its hash, and how the model is used
 * @throws E_TFJS_FILE, E_ONNX_OPS, and what importing an ONNX file throws; nothing is written then
 */
export async function importTfjs({ file, out, ...options }: ImportTfjsOptions): Promise<ImportedOnnx> {
  const { message, model } = await readTfjs(file);
  return saveImported({ file, out, model, options }, async ({ compare }) => {
    const { graph } = model;
    const outputs = graph.outputs.map(({ name }) => name);
    const computed = outputs.filter((name) => missingOps(sortNodes(graph, [name])).length === 0);
    const kept = [...new Set([...computed, ...compare])];
    return messageType('ModelProto').encode(reduceTo(message, kept)).finish();
  });
}
