import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { compile } from '../../../src/engine/compile.js';
import { foldBatchNorm } from '../../../src/engine/passes/fold-batch-norm.js';
import { liveNodes } from '../../../src/engine/graph.js';
import { nativeBackend } from '../../../src/engine/native.js';
import { oneMatrix } from '../../../src/engine/passes/one-matrix.js';
import { shapeConstants } from '../../../src/engine/passes/shaped-constants.js';
import { trace } from '../../../src/engine/trace.js';
import { batchNormFrozen, conv2d, convTranspose2d, matMul } from '../../../src/ops/index.js';
import { expectTensor, onTensorflow } from '../../support/engines.js';

const random = (shape: number[], seed: number): tf.Tensor => tf.randomUniform(shape, 0.5, 2, 'float32', seed);
const CHANNELS = 6;

/** A linear layer of six output channels: its input, its weights, the layer, ops of its folded graph, and of that with a scale that is fed. */
interface Layer {
  x: number[];
  weights: number[];
  run: (x: tf.Tensor, weights: tf.Tensor) => tf.Tensor;
  folded: string[];
  fed: string[];
}

const LAYERS: Record<string, Layer> = {
  'a convolution': {
    x: [1, 5, 5, 4],
    weights: [3, 3, 4, CHANNELS],
    run: (x, w) => conv2d(x as tf.Tensor4D, w as tf.Tensor4D),
    folded: ['Conv2D', 'BiasAdd'],
    fed: ['Conv2D', 'FusedBatchNormV3'],
  },
  'a depthwise convolution': {
    x: [1, 5, 5, 3],
    weights: [3, 3, 1, CHANNELS],
    run: (x, w) => conv2d(x as tf.Tensor4D, w as tf.Tensor4D),
    folded: ['DepthwiseConv2dNative', 'BiasAdd'],
    fed: ['Reshape', 'Mul', 'DepthwiseConv2dNative', 'BiasAdd'],
  },
  'a transposed convolution': {
    x: [1, 4, 4, 5],
    weights: [2, 2, CHANNELS, 5],
    run: (x, w) => convTranspose2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, { strides: [2, 2] }),
    folded: ['Conv2DBackpropInput', 'BiasAdd'],
    fed: ['Reshape', 'Mul', 'Conv2DBackpropInput', 'BiasAdd'],
  },
  'a matrix product': {
    x: [7, 4],
    weights: [4, CHANNELS],
    run: (x, w) => tf.reshape(matMul(x, w), [1, 7, 1, CHANNELS]),
    folded: ['MatMul', 'BiasAdd', 'Reshape'],
    fed: ['MatMul', 'Mul', 'BiasAdd', 'Reshape'],
  },
  'a product by a matrix that is turned': {
    x: [7, 4],
    weights: [CHANNELS, 4],
    run: (x, w) => tf.reshape(matMul(x, w, false, true), [1, 7, 1, CHANNELS]),
    folded: ['MatMul', 'BiasAdd', 'Reshape'],
    fed: ['MatMul', 'Mul', 'BiasAdd', 'Reshape'],
  },
};

onTensorflow('engine: normalizations that are folded', () => {
  for (const [name, layer] of Object.entries(LAYERS)) {
    describe(`into ${name}`, () => {
      let weights: tf.Variable;
      let scale: tf.Variable<tf.Rank.R1>;
      let offset: tf.Variable<tf.Rank.R1>;
      let x: tf.Tensor;
      const forward = (x: tf.Tensor): tf.Tensor => {
        const y = layer.run(x, weights) as tf.Tensor4D;
        const [mean, variance] = [tf.zeros<tf.Rank.R1>([CHANNELS]), tf.ones<tf.Rank.R1>([CHANNELS])];
        return batchNormFrozen(y, { scale, offset, mean, variance }, 0);
      };
      const opsWith = (fold: (variable: tf.Variable) => boolean): string[] => {
        const backend = nativeBackend()!;
        const { outputs } = trace(backend, forward, [x], { fold });
        const { binding } = backend;
        const folded = foldBatchNorm(binding, oneMatrix(binding, shapeConstants(binding, [outputs[0]!.ref])));
        return liveNodes(folded).flatMap(({ op }) => (op === 'Placeholder' || op === 'Const' ? [] : [op]));
      };

      beforeEach(() => {
        [weights, scale, offset] = tf.tidy(() =>
          [layer.weights, [CHANNELS], [CHANNELS]].map((shape, i) => tf.variable(random(shape, i + 1))),
        ) as [tf.Variable, tf.Variable<tf.Rank.R1>, tf.Variable<tf.Rank.R1>];
        x = random(layer.x, 9);
      });
      afterEach(() => tf.dispose([weights, scale, offset, x]));

      for (const [how, fold, ops] of [
        ['constant', () => true, layer.folded],
        ['fed', (variable: tf.Variable) => variable === weights, layer.fed],
      ] as const) {
        it(`as ${ops.join(', ')}, where the scale is ${how}`, () => {
          expect(opsWith(fold)).to.deep.equal(ops);
          const compiled = compile(forward, undefined, { fold });
          tf.tidy(() => expectTensor(compiled(x), forward(x), 1e-6));
          compiled.dispose();
        });
      }

      it('not where its statistics are more than a scale and a shift, and fed', () => {
        const statistics = tf.tidy(() => tf.variable(tf.ones([CHANNELS])));
        const fed = (x: tf.Tensor): tf.Tensor =>
          batchNormFrozen(layer.run(x, weights) as tf.Tensor4D, {
            ...{ scale, offset, mean: statistics as tf.Tensor1D },
            variance: statistics as tf.Tensor1D,
          }, 1e-5); // prettier-ignore
        const backend = nativeBackend()!;
        const { outputs } = trace(backend, fed, [x]);
        const ops = liveNodes(foldBatchNorm(backend.binding, [outputs[0]!.ref])).map(({ op }) => op);
        statistics.dispose();
        expect(ops).to.include('FusedBatchNormV3');
      });
    });
  }
});
