import * as tf from '@tensorflow/tfjs';
import { compile } from '../../src/engine/compile.js';
import '../../src/ops/index.js';
import { expectTensor, onTensorflow } from '../support/engines.js';

type Layer = tf.layers.Layer;
const { layers } = tf;

/** Sizes of an image and of a sequence without their batch; odd, so that padding differs between the sides. */
const IMAGE = [9, 7, 3];
const SEQUENCE = [5, 4];

const seeded = { kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }) };
const conv = { filters: 4, kernelSize: 3, padding: 'same', ...seeded } as const;
const recurrent = { units: 3, ...seeded, recurrentInitializer: tf.initializers.glorotUniform({ seed: 2 }) } as const;
const depthwise = { depthwiseInitializer: tf.initializers.glorotUniform({ seed: 3 }) };

/** Layers by name, each with the shape of what it is tried on. */
const LAYERS: Record<string, [shape: number[], ...make: (() => Layer)[]]> = {
  conv2d: [IMAGE, () => layers.conv2d(conv)],
  'conv2d with stride and bias': [IMAGE, () => layers.conv2d({ ...conv, strides: 2, activation: 'relu' })],
  'conv2d, dilated': [IMAGE, () => layers.conv2d({ ...conv, dilationRate: 2, activation: 'relu' })],
  conv2dTranspose: [IMAGE, () => layers.conv2dTranspose({ ...conv, strides: 2 })],
  conv1d: [SEQUENCE, () => layers.conv1d({ ...conv, padding: 'same' })],
  depthwiseConv2d: [IMAGE, () => layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', ...depthwise })],
  separableConv2d: [
    IMAGE,
    () =>
      layers.separableConv2d({
        filters: 4,
        kernelSize: 3,
        ...depthwise,
        pointwiseInitializer: tf.initializers.glorotUniform({ seed: 4 }),
      }),
  ],
  batchNormalization: [IMAGE, () => layers.batchNormalization()],
  layerNormalization: [IMAGE, () => layers.layerNormalization()],
  maxPooling2d: [IMAGE, () => layers.maxPooling2d({ poolSize: 2, padding: 'same' })],
  averagePooling2d: [IMAGE, () => layers.averagePooling2d({ poolSize: 3, strides: 2 })],
  globalAveragePooling2d: [IMAGE, () => layers.globalAveragePooling2d({})],
  globalMaxPooling2d: [IMAGE, () => layers.globalMaxPooling2d({})],
  upSampling2d: [IMAGE, () => layers.upSampling2d({ size: [2, 3] })],
  'upSampling2d, bilinear': [IMAGE, () => layers.upSampling2d({ size: [2, 2], interpolation: 'bilinear' })],
  zeroPadding2d: [IMAGE, () => layers.zeroPadding2d({ padding: [1, 2] })],
  cropping2D: [IMAGE, () => layers.cropping2D({ cropping: [[1, 2], [0, 1]] })], // prettier-ignore
  flatten: [IMAGE, () => layers.flatten()],
  reshape: [IMAGE, () => layers.reshape({ targetShape: [7, 27] })],
  permute: [IMAGE, () => layers.permute({ dims: [3, 1, 2] })],
  dense: [SEQUENCE, () => layers.dense({ units: 3, ...seeded })],
  softmax: [SEQUENCE, () => layers.softmax({ axis: -1 })],
  dropout: [SEQUENCE, () => layers.dropout({ rate: 0.5 })],
  repeatVector: [[4], () => layers.repeatVector({ n: 3 })],
  leakyReLU: [SEQUENCE, () => layers.leakyReLU()],
  prelu: [SEQUENCE, () => layers.prelu()],
  timeDistributed: [SEQUENCE, () => layers.timeDistributed({ layer: layers.dense({ units: 2, ...seeded }) })],
  simpleRNN: [SEQUENCE, () => layers.simpleRNN(recurrent)],
  gru: [SEQUENCE, () => layers.gru({ ...recurrent, returnSequences: true })],
  lstm: [SEQUENCE, () => layers.lstm(recurrent)],
  bidirectional: [
    SEQUENCE,
    () => layers.bidirectional({ layer: layers.gru(recurrent) as tf.RNN, mergeMode: 'concat' }) as Layer,
  ],
};
for (const activation of ['elu', 'hardSigmoid', 'linear', 'relu', 'relu6', 'selu', 'sigmoid', 'softmax'] as const)
  LAYERS[`activation ${activation}`] = [SEQUENCE, () => layers.activation({ activation })];
for (const activation of ['softplus', 'softsign', 'tanh', 'swish', 'mish'] as const)
  LAYERS[`activation ${activation}`] = [SEQUENCE, () => layers.activation({ activation })];

/** A model of one layer, with a factor of its own in front so that every layer has something to train. */
function modelOf(shape: number[], make: (() => Layer)[]): tf.LayersModel {
  const input = tf.input({ shape });
  let x = layers
    .conv1d({ filters: shape.at(-1)!, kernelSize: 1, ...seeded })
    .apply(layers.reshape({ targetShape: [-1, shape.at(-1)!] }).apply(input)) as tf.SymbolicTensor;
  x = layers.reshape({ targetShape: shape }).apply(x) as tf.SymbolicTensor;
  for (const layer of make) x = layer().apply(x) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs: x });
}

/** Merges of two branches, and a lookup, which take other inputs than one tensor of numbers. */
function branching(): tf.LayersModel {
  const words = tf.input({ shape: [5], dtype: 'int32' });
  const image = tf.input({ shape: [5, 4] });
  const vectors = layers
    .embedding({
      inputDim: 7,
      outputDim: 4,
      embeddingsInitializer: tf.initializers.randomUniform({ seed: 5, minval: -1, maxval: 1 }),
    })
    .apply(words) as tf.SymbolicTensor;
  const merged = (['add', 'multiply', 'average', 'maximum', 'minimum'] as const).map(
    (name) => layers[name]().apply([vectors, image]) as tf.SymbolicTensor,
  );
  const dot = layers.dot({ axes: 2 }).apply([vectors, image]) as tf.SymbolicTensor;
  return tf.model({
    inputs: [words, image],
    outputs: layers.concatenate().apply([...merged, dot]) as tf.SymbolicTensor,
  });
}

/** The loss and the gradients of all trained weights, in order. */
function gradients(model: tf.LayersModel, inputs: tf.Tensor[]): tf.Tensor[] {
  const weights = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const { value, grads } = tf.variableGrads(
    () => tf.mean(tf.square(model.apply(inputs) as tf.Tensor)) as tf.Scalar,
    weights,
  );
  return [value, ...weights.map(({ name }) => grads[name]!)];
}

function expectSame(model: tf.LayersModel, inputs: tf.Tensor[]): void {
  const forward = (...x: tf.Tensor[]): tf.Tensor => model.apply(x) as tf.Tensor;
  const backward = (...x: tf.Tensor[]): tf.Tensor[] => gradients(model, x);
  const compiledForward = compile(forward);
  const compiledBackward = compile(backward);
  tf.tidy(() => {
    for (let run = 0; run < 2; run++) expectTensor(compiledForward(...inputs), forward(...inputs), 1e-5, `run ${run}`);
    const expected = backward(...inputs);
    compiledBackward(...inputs).forEach((gradient, i) => expectTensor(gradient, expected[i]!, 1e-5, `gradient ${i}`));
  });
  compiledForward.dispose();
  compiledBackward.dispose();
}

onTensorflow('compile: layers', () => {
  for (const [name, [shape, ...make]] of Object.entries(LAYERS)) {
    it(`${name} computes and trains as eagerly`, () => {
      const model = modelOf(shape, make);
      const input = tf.randomUniform([2, ...shape], -1, 1, 'float32', 9);
      expectSame(model, [input]);
      input.dispose();
      model.dispose();
    });
  }

  it('merges and embeddings compute and train as eagerly', () => {
    const model = branching();
    const inputs = [
      tf.tensor2d([[0, 6, 2, 2, 5]], undefined, 'int32'),
      tf.randomUniform([1, 5, 4], -1, 1, 'float32', 9),
    ];
    expectSame(model, inputs);
    tf.dispose(inputs);
    model.dispose();
  });
});
