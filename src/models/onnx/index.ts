/**
 * `gearnn/onnx`. Networks out of ONNX files, and of models of TensorFlow.js.
 *
 * @packageDocumentation
 */
import '../../ops/index.js';
export { loadOnnx } from './load.js';
export { importOnnx, type ImportOnnxOptions } from './import.js';
export { importTfjs, type ImportTfjsOptions } from '../tfjs/import.js';
export type { OnnxOptions, OnnxUse } from './guess.js';
export { patchOnnx } from './patch.js';
export { runOnnx } from './run-onnx.js';
export { compileOnnx, type CompiledOnnx } from './compile-onnx.js';
