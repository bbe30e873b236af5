/**
 * An ONNX file in onnxruntime-node, one forward pass for each line on stdin, as bench/peers/onnx_onnxruntime.py does in Python.
 * Called with the file, the folder of the package, which gearnn itself does not need, and threads: by default one for each core.
 */
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { difference, readReference } from './reference.js';

type Answer = Record<string, { data: Float32Array }>;

/** What is used of onnxruntime-node. */
interface Runtime {
  env: { versions: { node?: string } };
  InferenceSession: {
    create(path: string, options: object): Promise<{ run(inputs: Record<string, object>): Promise<Answer> }>;
  };
  Tensor: new (type: string, data: Float32Array, dims: number[]) => object;
}

const [onnx, folder, threads] = process.argv.slice(2) as [string, string, string?];
const runtime = createRequire(`${folder}/`)('onnxruntime-node') as Runtime;
const session = await runtime.InferenceSession.create(onnx, threads ? { intraOpNumThreads: Number(threads) } : {});
const reference = readReference(onnx);
const inputs = Object.fromEntries(
  [...reference.inputs].map(([name, { shape, data }]) => [name, new runtime.Tensor('float32', data, shape)]),
);
const say = (value: object): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
say({ ready: runtime.env.versions.node ?? 'unknown' });
let answer: Answer = {};
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
while (!(await lines.next()).done) {
  const start = performance.now();
  answer = await session.run(inputs);
  say({ seconds: (performance.now() - start) / 1000 });
}
const apart = Object.entries(answer).map(([name, { data }]) => difference(data, reference.outputs.get(name)!.data));
say({ peakMegabytes: process.resourceUsage().maxRSS / 1024, difference: Math.max(...apart) });
