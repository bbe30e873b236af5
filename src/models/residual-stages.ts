import tf from '../common/tf.cjs';
import { type LayerList, narrowed } from './layer-list.js';
import { BatchNorm, Convolution } from './layers.js';
import { MaxPooling } from './max-pooling.js';

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

export interface ResidualOptions {
  variant: ResnetVariant;
  /** Multiplies all channels; 1 is the published network. */
  width: number;
  /** In front of all names: `backbone.body.`. Default: nothing. */
  prefix?: string;
}

/**
 * The convolutional part of a residual network, with torchvision's names: `conv1`, `bn1`, `layer1` to `layer4`.
 *
 * @param input normalized pixels `[batch, height, width, 3]`
 * @returns what its four stages put out: `[batch, height/4, width/4, 64]` (`256` of bottlenecks), then half the size and twice the channels
 * @source He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", CVPR 2016; torchvision, models/resnet.py, whose
 *   bottleneck strides in its 3x3 convolution
 */
export function residualStages(
  input: Symbolic,
  list: LayerList,
  { variant: { block, stages }, width, prefix = '' }: ResidualOptions,
): Symbolic[] {
  const channels = CHANNELS.map((count) => narrowed(count, width));
  const convNorm = (x: Symbolic, [conv, norm]: [string, string], filters: number, kernel: number, stride: number) => {
    const convolution = new Convolution({ prefix: prefix + conv, filters, kernel, stride, seed: list.draw() });
    return list.apply(new BatchNorm({ prefix: prefix + norm, epsilon: list.epsilon }), list.apply(convolution, x));
  };
  const relu = (x: Symbolic, name: string) =>
    tf.layers.activation({ activation: 'relu', name: prefix + name }).apply(x) as Symbolic;

  /** conv3x3 - conv3x3, or conv1x1 - conv3x3 - conv1x1 with four times the channels. */
  const residualBlock = (x: Symbolic, at: string, filters: number, stride: number): Symbolic => {
    const out = block === 'bottleneck' ? filters * 4 : filters;
    const basic = [[3, filters, stride], [3, filters, 1]] as const; // prettier-ignore
    const bottleneck = [[1, filters, 1], [3, filters, stride], [1, out, 1]] as const; // prettier-ignore
    const parts = block === 'bottleneck' ? bottleneck : basic;
    let y = x;
    parts.forEach(([kernel, count, step], i) => {
      y = convNorm(y, [`${at}.conv${i + 1}`, `${at}.bn${i + 1}`], count, kernel, step);
      if (i < parts.length - 1) y = relu(y, `${at}.relu${i + 1}`);
    });
    const fits = stride === 1 && x.shape[3] === out;
    const shortcut = fits ? x : convNorm(x, [`${at}.downsample.0`, `${at}.downsample.1`], out, 1, stride);
    const sum = tf.layers.add({ name: `${prefix}${at}.add` }).apply([y, shortcut]) as Symbolic;
    return relu(sum, `${at}.relu`);
  };

  let x = relu(convNorm(input, ['conv1', 'bn1'], channels[0]!, 7, 2), 'relu'); //                            [b, h/2, w/2, 64]
  x = new MaxPooling({ name: `${prefix}maxpool`, size: 3, stride: 2, padding: 1 }).apply(x) as Symbolic; // [b, h/4, w/4, 64]
  return stages.map((blocks, index) => {
    for (let i = 0; i < blocks; i++) {
      x = residualBlock(x, `layer${index + 1}.${i}`, channels[index]!, index > 0 && i === 0 ? 2 : 1);
    }
    return x;
  });
}
