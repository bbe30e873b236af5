import { runningEngine, startEngine } from '../../engine/start.js';
import type { Network } from '../network.js';
import { guessUse, type OnnxOptions } from './guess.js';
import { inFile } from './in-file.js';
import { readModel } from './parse.js';
import { networkOfUse } from './use.js';

/**
 * A network out of an ONNX file, on the running engine, or the default one where none runs; the caller disposes it. What the options leave open
 * is found as `gearnn import` finds it.
 *
 * @throws E_ONNX_FILE, E_ONNX_EXTERNAL, E_ONNX_GRAPH, E_ONNX_OPS, E_ONNX_QUANTIZED, E_ONNX_INPUT
 */
export async function loadOnnx(path: string, options: OnnxOptions = {}): Promise<Network> {
  if (!runningEngine()) await startEngine();
  const model = readModel(path);
  return inFile(path, () => networkOfUse(path, model, guessUse(model, path, options)));
}
