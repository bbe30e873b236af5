/** An ONNX file in gearnn, one forward pass for each line on stdin: THREADS fp32|bf16 FILE.onnx */
import * as tf from '@tensorflow/tfjs';
import { startEngine, type Precision } from '../../src/engine/index.js';
import { compileOnnx } from '../../src/models/onnx/compile-onnx.js';
import { difference, readReference, toTensors } from '../onnx/reference.js';
import '../../src/ops/index.js';
import { answerLines } from './answer-lines.js';

const [threads, precision, file] = process.argv.slice(2) as [string, Precision, string];
const engine = await startEngine({ engine: 'tensorflow', threads: Number(threads), precision });
const network = await compileOnnx(file);
const { inputs: given, outputs: expected } = readReference(file);
const inputs = toTensors(given);
let answers = new Map<string, ArrayLike<number>>();

const forward = (): void => {
  const outputs = network.run(inputs);
  answers = new Map(Object.entries(outputs).map(([name, tensor]) => [name, tensor.dataSync()]));
  tf.dispose(outputs);
};
await answerLines(engine.version, forward, () =>
  Math.max(...[...answers].map(([name, values]) => difference(values, expected.get(name)!.data))),
);
