import tf from '../common/tf.cjs';
import { compile } from './compile.js';

/** Seconds of the same pass in each type. */
export interface Bf16Speed {
  fp32: number;
  bf16: number;
}

/** Of the input, and of each of three convolutions of 3x3. */
const SHAPE: [number, number, number, number] = [1, 64, 128, 64];
const CHANNELS = 64;
/** Rounds that are timed at least, behind two that are not, and seconds for which they go on. */
const ROUNDS = 5;
const SECONDS = 0.8;

/**
 * Times a fixed stack of convolutions on the running engine in both types, in turns, so that what else the machine does hits both: about a
 * second.
 *
 * @returns medians
 * @throws E_ENGINE_PRECISION where the engine has no bf16
 */
export function measureBf16(): Bf16Speed {
  const x = tf.randomUniform(SHAPE, -1, 1, 'float32', 1);
  const weights = [2, 3, 4].map((seed) =>
    tf.randomUniform<tf.Rank.R4>([3, 3, CHANNELS, CHANNELS], -0.1, 0.1, 'float32', seed),
  );
  const stack = (given: tf.Tensor): tf.Tensor =>
    weights.reduce((y, filter) => tf.relu(tf.conv2d(y as tf.Tensor4D, filter, 1, 'same')), given);
  const graphs = (['fp32', 'bf16'] as const).map((precision) =>
    compile(stack, undefined, { precision, constants: weights, makesVariables: false }),
  );
  const seconds = graphs.map((): number[] => []);
  const begin = performance.now();
  for (let round = -2; round < ROUNDS || performance.now() - begin < 1000 * SECONDS; round++) {
    graphs.forEach((graph, i) => {
      const start = performance.now();
      const y = graph(x);
      y.dataSync();
      if (round >= 0) seconds[i]!.push((performance.now() - start) / 1000);
      y.dispose();
    });
  }
  for (const graph of graphs) graph.dispose();
  tf.dispose([x, weights]);
  const [fp32, bf16] = seconds.map((all) => all.sort((a, b) => a - b)[Math.floor(all.length / 2)]!);
  return { fp32: fp32!, bf16: bf16! };
}
