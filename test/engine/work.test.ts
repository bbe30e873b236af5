import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { compile } from '../../src/engine/compile.js';
import { nativeBackend } from '../../src/engine/native.js';
import { liveNodes } from '../../src/engine/graph.js';
import { trace } from '../../src/engine/trace.js';
import { isSmall, workOf } from '../../src/engine/work.js';
import { conv2d, convTranspose2d } from '../../src/ops/index.js';
import { onTensorflow } from '../support/engines.js';

type Step = (...inputs: tf.Tensor[]) => tf.Tensor;

/** Steps with shapes of their inputs, and their multiply-adds, counted by hand. */
const STEPS: Record<string, { shapes: number[][]; run: Step; work: number }> = {
  'a convolution: 4 x 4 places, 5 filters of 3 x 3 x 2': {
    shapes: [[1, 6, 6, 2], [3, 3, 2, 5]], // prettier-ignore
    run: (x, w) => conv2d(x as tf.Tensor4D, w as tf.Tensor4D),
    work: 4 * 4 * 5 * 3 * 3 * 2,
  },
  'a depthwise one: 4 x 4 places, 6 filters of 3 x 3': {
    shapes: [[1, 6, 6, 6], [3, 3, 1, 6]], // prettier-ignore
    run: (x, w) => conv2d(x as tf.Tensor4D, w as tf.Tensor4D),
    work: 4 * 4 * 6 * 3 * 3,
  },
  'a transposed one: each of 4 x 4 places of 5 channels to 2 x 2 x 3': {
    shapes: [[1, 4, 4, 5], [2, 2, 3, 5]], // prettier-ignore
    run: (x, w) => convTranspose2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, { strides: [2, 2] }),
    work: 4 * 4 * 5 * 2 * 2 * 3,
  },
  'a product of [7, 3] and [3, 5]': {
    shapes: [[3, 7], [3, 5]], // prettier-ignore
    run: (a, b) => tf.matMul(a, b, true),
    work: 7 * 3 * 5,
  },
  'a sum, which counts for nothing': { shapes: [[1000]], run: (x) => tf.add(x!, 1), work: 0 },
};

onTensorflow('engine: the work of a graph', () => {
  for (const [name, { shapes, run, work }] of Object.entries(STEPS)) {
    it(`is that of ${name}`, () => {
      const inputs = shapes.map((shape) => tf.ones(shape));
      const { outputs } = trace(nativeBackend()!, run, inputs);
      const all = liveNodes([outputs[0]!.ref]).reduce((sum, node) => sum + workOf(node), 0);
      expect(all).to.equal(work);
      tf.dispose(inputs);
    });
  }

  it('is never little where a gradient is in it, whose bits follow the threads', () => {
    const inputs = [tf.ones([1, 6, 6, 2]), tf.ones([3, 3, 2, 5])];
    const forward: Step = (x, w) => conv2d(x as tf.Tensor4D, w as tf.Tensor4D);
    const backward: Step = (x, w) => tf.grads((a: tf.Tensor, b: tf.Tensor) => forward(a, b))([x!, w!])[1]!;
    const small = [forward, backward].map((run) => isSmall([trace(nativeBackend()!, run, inputs).outputs[0]!.ref], 2));
    expect(small).to.deep.equal([true, false]);
    tf.dispose(inputs);
  });

  it('is little where several threads would save less of each op than it takes to wake them', () => {
    const product = (size: number): boolean[] => {
      const x = tf.ones([size, size]);
      const square: Step = (one) => tf.matMul(one, one as tf.Tensor2D);
      const { outputs } = trace(nativeBackend()!, square, [x]);
      x.dispose();
      return [1, 2, 16].map((threads) => isSmall([outputs[0]!.ref], threads));
    };
    // 262,144, 512,000, and 2,097,152 multiply-adds.
    expect(product(64)).to.deep.equal([true, true, true]);
    expect(product(80)).to.deep.equal([true, true, false]);
    expect(product(128)).to.deep.equal([true, false, false]);
  });

  it('decides on which threads it runs, and nothing about its answer', () => {
    const [x, w] = [tf.randomUniform([64, 64], -1, 1, 'float32', 1), tf.randomUniform([64, 64], -1, 1, 'float32', 2)];
    const layers: Step = (one) => {
      let y = one;
      for (let i = 0; i < 8; i++) y = tf.relu(tf.matMul(y, w as tf.Tensor2D));
      return y;
    };
    const alone = compile(layers, undefined, { constants: [w] });
    // One large product more makes the graph one for all threads.
    const large = tf.ones([1024, 1024]);
    const together = compile((one: tf.Tensor, two: tf.Tensor) => [layers(one), tf.matMul(two, two as tf.Tensor2D)], undefined, { constants: [w] }); // prettier-ignore
    const [one, [two, rest]] = [alone(x), together(x, large) as [tf.Tensor, tf.Tensor]];
    expect([...one.dataSync()]).to.deep.equal([...two.dataSync()]);
    alone.dispose();
    together.dispose();
    tf.dispose([x, w, large, one, two, rest]);
  });
});
