/**
 * An ONNX file in onnxruntime-node, one forward pass for each line on stdin, as bench/peers/onnx_onnxruntime.py does in Python.
 * Called with the file and the folder of the package, which gearnn itself does not need.
 */
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { readReference } from './reference.js';

/** What is used of onnxruntime-node. */
interface Runtime {
  env: { versions: { node?: string } };
  InferenceSession: { create(path: string): Promise<{ run(inputs: Record<string, object>): Promise<object> }> };
  Tensor: new (type: string, data: Float32Array, dims: number[]) => object;
}

const [onnx, folder] = process.argv.slice(2) as [string, string];
const runtime = createRequire(`${folder}/`)('onnxruntime-node') as Runtime;
const session = await runtime.InferenceSession.create(onnx);
const inputs = Object.fromEntries(
  [...readReference(onnx).inputs].map(([name, { shape, data }]) => [name, new runtime.Tensor('float32', data, shape)]),
);
const say = (value: object): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
say({ ready: runtime.env.versions.node ?? 'unknown' });
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
while (!(await lines.next()).done) {
  const start = performance.now();
  await session.run(inputs);
  say({ seconds: (performance.now() - start) / 1000 });
}
say({ peakMegabytes: process.resourceUsage().maxRSS / 1024 });
