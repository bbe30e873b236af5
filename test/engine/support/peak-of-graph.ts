// Makes and runs a graph of large weights, and prints how much memory the process took meanwhile, in bytes.
import { readFileSync, writeFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { compile } from '../../../src/engine/compile.js';
import { releaseMemory } from '../../../src/engine/host-memory.js';
import { startEngine } from '../../../src/engine/start.js';

/** Values of each weight, and how many there are: 268 MB in all. */
const SIZE = 2048;
const COUNT = 16;

const kilobytes = (what: string): number =>
  Number(new RegExp(`${what}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))![1]) * 1024;

await startEngine({ engine: 'tensorflow' });
const weights = tf.tidy(() => Array.from({ length: COUNT }, (_, i) => tf.variable(tf.fill([SIZE, SIZE], i))));
const bytes = weights.reduce((sum, { size }) => sum + 4 * size, 0);
const chain = (x: tf.Tensor): tf.Tensor =>
  weights.reduce<tf.Tensor>((y, weight) => tf.relu(tf.matMul(y as tf.Tensor2D, weight as unknown as tf.Tensor2D)), x);
releaseMemory();
// The peak is from here on.
writeFileSync('/proc/self/clear_refs', '5');
const before = kilobytes('VmRSS');
const compiled = compile(chain, undefined, { fold: () => true });
tf.tidy(() => void compiled(tf.ones([2, SIZE])).dataSync());
process.stdout.write(JSON.stringify({ before, peak: kilobytes('VmHWM'), bytes }));
