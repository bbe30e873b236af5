/** An ONNX file in gearnn: first how far it is from its reference, then one forward pass for each line on stdin. */
import * as tf from '@tensorflow/tfjs';
import { createInterface } from 'node:readline';
import { compare, compareGradients, loadNetwork } from './agreement.js';

const say = (value: object): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
try {
  const network = await loadNetwork(process.argv[2]!);
  const difference = compare(network);
  // Without what gradients take: the comparison is of inference.
  const peakMegabytes = process.resourceUsage().maxRSS / 1024;
  say({ ready: tf.version_core, difference, gradients: compareGradients(network), peakMegabytes });
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  while (!(await lines.next()).done) {
    const start = performance.now();
    const outputs = network.forward();
    for (const output of Object.values(outputs)) output.dataSync();
    say({ seconds: (performance.now() - start) / 1000 });
    tf.dispose(outputs);
  }
  say({ peakMegabytes: process.resourceUsage().maxRSS / 1024 });
} catch (error) {
  say({ failed: (error as Error).message });
}
