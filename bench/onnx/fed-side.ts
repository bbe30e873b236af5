/**
 * A network in gearnn with some of its weights fed, as they are where an adaptor may replace them: one forward pass for each line on stdin, as
 * gearnn-side.ts does. Called with an ONNX file or a checkpoint's folder, what is fed (`nothing`, `scales`, `small`), height and width.
 */
import * as tf from '@tensorflow/tfjs';
import { createInterface } from 'node:readline';
import { changingNames } from '../../src/adaptor/changing.js';
import { Random } from '../../src/common/random.js';
import { compile, startEngine } from '../../src/engine/index.js';
import { loadCheckpoint, networkOf } from '../../src/models/checkpoint.js';
import type { Network, Parameter } from '../../src/models/network.js';
import { loadOnnx } from '../../src/models/onnx/index.js';
import type { FedReady, FedWhat } from './fed.js';

const say = (value: object): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
const [path, what, height, width] = process.argv.slice(2) as [string, FedWhat, string, string];
try {
  await startEngine();
  const network = path.endsWith('.onnx')
    ? await loadOnnx(path, { task: 'features', size: { height: Number(height), width: Number(width) } })
    : networkOf(await loadCheckpoint(path));
  const fed = fedOf(network, what);
  const frozen = new Set(network.parameters.filter((one) => !fed.includes(one)).map(({ variable }) => variable));
  // As src/eval/predictor.ts compiles a network.
  const answer = compile((images: tf.Tensor4D) => tf.tidy(() => network.forward(images)), undefined, {
    fold: (variable: tf.Variable) => frozen.has(variable),
    shareSizes: true,
    makesVariables: false,
  });
  const random = Random.of(1, 'fed');
  const shape: [number, number, number, number] = [1, Number(height), Number(width), 3];
  const pixels = Int32Array.from({ length: shape[1] * shape[2] * 3 }, () => Math.floor(256 * random.next()));
  const images = tf.tensor4d(pixels, shape, 'int32');
  const forward = (): Float32Array[] => {
    const outputs = Object.values(answer(images));
    const values = outputs.map((output) => output.dataSync() as Float32Array);
    tf.dispose(outputs);
    return values;
  };
  const [first] = forward();
  const ready: FedReady = { tensors: fed.length, values: fed.reduce((sum, { size }) => sum + size, 0), answer: [...first!.subarray(0, 1000)] }; // prettier-ignore
  say(ready);
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  while (!(await lines.next()).done) {
    const start = performance.now();
    forward();
    say({ seconds: (performance.now() - start) / 1000 });
  }
  say({ ended: true });
} catch (error) {
  say({ failed: (error as Error).message });
}

function fedOf(network: Network, fed: FedWhat): readonly Parameter[] {
  if (fed === 'nothing') return [];
  if (fed === 'scales') return network.parameters.filter(({ role }) => role === 'scale' || role === 'shift');
  const names = changingNames(network, []);
  return network.parameters.filter(({ name }) => names.has(name));
}
