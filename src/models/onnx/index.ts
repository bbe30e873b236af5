/**
 * `gearnn/onnx`. Networks out of ONNX files.
 *
 * @packageDocumentation
 */
import '../../ops/index.js';
export { runOnnx } from './run-onnx.js';
