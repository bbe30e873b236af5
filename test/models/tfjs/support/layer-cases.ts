import * as tf from '@tensorflow/tfjs';

/** Layers between an input and the model's output. */
export interface LayerCase {
  title: string;
  /** Without the batch; null for a side that is open. */
  input: (number | null)[];
  layers: () => tf.layers.Layer[];
}

const { layers: L } = tf;

function one(layer: () => tf.layers.Layer, input: LayerCase['input'] = [6, 7, 3], title?: string): LayerCase {
  const { config, name } = described(layer());
  return { title: title ?? `${name} ${config}`, input, layers: () => [layer()] };
}

/** What a layer differs in from others of its class. */
function described(layer: tf.layers.Layer): { name: string; config: string } {
  const shown = ['activation', 'strides', 'padding', 'kernelSize', 'interpolation', 'maxValue', 'dilationRate', 'axis'];
  const config = layer.getConfig();
  const parts = shown.filter((key) => config[key] !== undefined).map((key) => `${key}=${JSON.stringify(config[key])}`);
  return { name: layer.getClassName(), config: parts.join(' ') };
}

const ACTIVATIONS = [
  ...['elu', 'hardSigmoid', 'linear', 'relu', 'relu6', 'selu', 'sigmoid', 'softmax', 'softplus', 'softsign', 'tanh'],
  ...['swish', 'mish', 'gelu', 'logSoftmax'],
] as never[];

/** Two branches that a layer brings together. */
export const MERGES: readonly (() => tf.layers.Layer)[] = [
  () => L.add(),
  () => L.multiply(),
  () => L.average(),
  () => L.maximum(),
  () => L.minimum(),
  () => L.concatenate(),
  () => L.concatenate({ axis: 1 }),
];

export const LAYER_CASES: readonly LayerCase[] = [
  one(() => L.conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu' })),
  one(() => L.conv2d({ filters: 4, kernelSize: [3, 2], strides: 2, useBias: false })),
  one(() => L.conv2d({ filters: 2, kernelSize: 3, dilationRate: 2, padding: 'same' })),
  one(() => L.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same' }), [null, null, 3], 'Conv2D of pictures of any size'), // prettier-ignore
  one(() => L.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, padding: 'same', activation: 'relu6' })),
  one(() => L.depthwiseConv2d({ kernelSize: 3, strides: 2, padding: 'same' })),
  one(() => L.separableConv2d({ filters: 5, kernelSize: 3, padding: 'same', activation: 'tanh' })),
  one(() => L.conv2dTranspose({ filters: 4, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' })),
  one(() => L.conv2dTranspose({ filters: 4, kernelSize: 3, strides: 2, padding: 'valid' })),
  one(() => L.conv2dTranspose({ filters: 2, kernelSize: 2, strides: 2, padding: 'same' }), [null, null, 3], 'Conv2DTranspose of pictures of any size'), // prettier-ignore
  one(() => L.conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2, padding: 'valid' }), [null, null, 3], 'Conv2DTranspose, valid, of pictures of any size'), // prettier-ignore
  one(() => L.dense({ units: 5, activation: 'softmax' }), [7]),
  one(() => L.dense({ units: 5, useBias: false }), [7]),
  one(() => L.dense({ units: 5, activation: 'sigmoid' }), [4, 7], 'Dense of a list of features'),
  one(() => L.batchNormalization({ epsilon: 0.01 })),
  one(() => L.batchNormalization({ scale: false, center: false })),
  one(() => L.batchNormalization({}), [7], 'BatchNormalization of features'),
  one(() => L.layerNormalization()),
  ...ACTIVATIONS.map((activation) => one(() => L.activation({ activation }))),
  one(() => L.reLU()),
  one(() => L.reLU({ maxValue: 6 })),
  one(() => L.reLU({ maxValue: 1 })),
  one(() => L.leakyReLU({ alpha: 0.2 })),
  one(() => L.elu()),
  one(() => L.prelu({ sharedAxes: [1, 2], alphaInitializer: 'ones' })),
  one(() => L.thresholdedReLU({ theta: 0.5 })),
  one(() => L.softmax({ axis: -1 })),
  one(() => L.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' })),
  one(() => L.maxPooling2d({ poolSize: 2 })),
  one(() => L.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' })),
  one(() => L.globalAveragePooling2d({})),
  one(() => L.globalMaxPooling2d({})),
  one(() => L.zeroPadding2d({ padding: [[1, 0], [2, 1]] })), // prettier-ignore
  one(() => L.cropping2D({ cropping: [[1, 0], [2, 1]] })), // prettier-ignore
  one(() => L.upSampling2d({ size: [2, 3] })),
  one(() => L.upSampling2d({ size: [2, 2], interpolation: 'bilinear' })),
  one(() => L.upSampling2d({ size: [2, 2] }), [null, null, 3], 'UpSampling2D of pictures of any size'),
  one(() => L.rescaling({ scale: 1 / 127.5, offset: -1 })),
  one(() => L.flatten()),
  one(() => L.reshape({ targetShape: [14, 9] })),
  one(() => L.permute({ dims: [3, 1, 2] })),
  one(() => L.repeatVector({ n: 3 }), [7]),
  one(() => L.dropout({ rate: 0.5 })),
  one(() => L.spatialDropout1d({ rate: 0.5 }), [4, 7]),
  one(() => L.gaussianNoise({ stddev: 1 })),
  one(() => L.gaussianDropout({ rate: 0.5 })),
  one(() => L.alphaDropout({ rate: 0.5 })),
];
