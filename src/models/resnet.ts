import * as tf from '@tensorflow/tfjs';
import { Random } from '../common/random.js';
import { Dense } from './dense.js';
import { BatchNorm, Convolution, type NamedLayer } from './layers.js';
import { MaxPooling } from './max-pooling.js';
import type { Network, NetworkConfig, NetworkOptions } from './network.js';
import { layeredNetwork, parametersOf } from './layered-network.js';

type Symbolic = tf.SymbolicTensor;

/** One member of the family: how many blocks in each of its four stages. */
export interface ResnetVariant {
  block: 'basic' | 'bottleneck';
  stages: readonly [number, number, number, number];
}

/** @source torchvision, models/resnet.py: resnet18 .. resnet101 */
export const RESNET_VARIANTS: Readonly<Record<string, ResnetVariant>> = {
  'resnet-18': { block: 'basic', stages: [2, 2, 2, 2] },
  'resnet-34': { block: 'basic', stages: [3, 4, 6, 3] },
  'resnet-50': { block: 'bottleneck', stages: [3, 4, 6, 3] },
  'resnet-101': { block: 'bottleneck', stages: [3, 4, 23, 3] },
};

const CHANNELS = [64, 128, 256, 512];

/**
 * A residual network for classification, with torchvision's names: `conv1`, `bn1`, `layer1` to `layer4`, `fc`.
 *
 * @param config a name out of {@link RESNET_VARIANTS}
 * @param options.seed of the initial weights, drawn as torchvision draws them; null leaves them at 0
 * @source He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", CVPR 2016; torchvision, models/resnet.py, whose
 *   bottleneck strides in its 3x3 convolution
 */
export function createResnet(config: NetworkConfig, options: NetworkOptions): Network {
  const { model, layers } = buildResnet(config, options);
  const { preprocessing } = options;
  const parameters = parametersOf(layers);
  return layeredNetwork({ spec: config, task: 'classification', parameters, model, stride: 1, preprocessing });
}

/** The network as a LayersModel, normalized pixels `[batch, height, width, 3]` to logits `[batch, classes]`, and its layers in the reference's order. */
function buildResnet(
  config: NetworkConfig,
  { seed }: { seed: number | null },
): { model: tf.LayersModel; layers: NamedLayer[] } {
  const { block, stages } = RESNET_VARIANTS[config.name]!;
  const channels = CHANNELS.map((count) => Math.max(8, Math.round((count * config.width) / 8) * 8));
  const layers: NamedLayer[] = [];
  const random = seed === null ? null : Random.of(seed, 'weights');
  const draw = (): number | null => random && random.integer(2 ** 31);
  const apply = (layer: NamedLayer, x: Symbolic): Symbolic => {
    layers.push(layer);
    return layer.apply(x) as Symbolic;
  };
  const convNorm = (x: Symbolic, [conv, norm]: [string, string], filters: number, kernel: number, stride: number) => {
    const y = apply(new Convolution({ prefix: conv, filters, kernel, stride, seed: draw() }), x);
    return apply(new BatchNorm({ prefix: norm }), y);
  };
  const relu = (x: Symbolic, name: string) => tf.layers.activation({ activation: 'relu', name }).apply(x) as Symbolic;

  /** conv3x3 - conv3x3, or conv1x1 - conv3x3 - conv1x1 with four times the channels. */
  const residualBlock = (x: Symbolic, prefix: string, filters: number, stride: number): Symbolic => {
    const out = block === 'bottleneck' ? filters * 4 : filters;
    const basic = [[3, filters, stride], [3, filters, 1]] as const; // prettier-ignore
    const bottleneck = [[1, filters, 1], [3, filters, stride], [1, out, 1]] as const; // prettier-ignore
    const parts = block === 'bottleneck' ? bottleneck : basic;
    let y = x;
    parts.forEach(([kernel, count, step], i) => {
      y = convNorm(y, [`${prefix}.conv${i + 1}`, `${prefix}.bn${i + 1}`], count, kernel, step);
      if (i < parts.length - 1) y = relu(y, `${prefix}.relu${i + 1}`);
    });
    const fits = stride === 1 && x.shape[3] === out;
    const shortcut = fits ? x : convNorm(x, [`${prefix}.downsample.0`, `${prefix}.downsample.1`], out, 1, stride);
    const sum = tf.layers.add({ name: `${prefix}.add` }).apply([y, shortcut]) as Symbolic;
    return relu(sum, `${prefix}.relu`);
  };
  const stage = (x: Symbolic, index: number): Symbolic => {
    let y = x;
    for (let i = 0; i < stages[index]!; i++) {
      y = residualBlock(y, `layer${index + 1}.${i}`, channels[index]!, index > 0 && i === 0 ? 2 : 1);
    }
    return y;
  };

  const input = tf.input({ shape: [null, null, 3] });
  let x = relu(convNorm(input, ['conv1', 'bn1'], channels[0]!, 7, 2), 'relu'); //                          [b, h/2, w/2, 64]
  x = new MaxPooling({ name: 'maxpool', size: 3, stride: 2, padding: 1 }).apply(x) as Symbolic; //        [b, h/4, w/4, 64]
  x = stage(x, 0); //                                                                      [b, h/4, w/4, 64], or 256 channels
  x = stage(x, 1); //                                                                     [b, h/8, w/8, 128], or 512 channels
  x = stage(x, 2); //                                                                  [b, h/16, w/16, 256], or 1024 channels
  x = stage(x, 3); //                                                                  [b, h/32, w/32, 512], or 2048 channels
  x = tf.layers.globalAveragePooling2d({ name: 'avgpool', dataFormat: 'channelsLast' }).apply(x) as Symbolic; // [b, 512 or 2048]
  const logits = apply(new Dense({ prefix: 'fc', units: config.classes, seed: draw() }), x); //                [b, classes]
  return { model: tf.model({ inputs: input, outputs: logits, name: config.name }), layers };
}
