import tf from '../../common/tf.cjs';
import type { LayerList } from '../layer-list.js';
import { Convolution } from '../layers.js';

type Symbolic = tf.SymbolicTensor;

/**
 * A feature pyramid: every level sees what lies above it, and a fifth one is every second pixel of the fourth.
 *
 * @param features of a backbone, the largest first
 * @param channels of every level
 * @returns five levels, at 1/4 to 1/64 of the picture's sides, `[batch, height, width, channels]`
 * @source Lin et al., "Feature Pyramid Networks for Object Detection", CVPR 2017; torchvision, ops/feature_pyramid_network.py
 */
export function featurePyramid(features: Symbolic[], list: LayerList, channels: number, prefix: string): Symbolic[] {
  const convolutions = (part: string, kernel: number, inputs: number[]) =>
    inputs.map((count, i) => {
      // torchvision: kaiming_uniform_ with a = 1, whose deviation is that of the inputs' mean.
      const deviation = 1 / Math.sqrt(kernel * kernel * count);
      return new Convolution({ prefix: `${prefix}.${part}.${i}.0`, filters: channels, kernel, bias: true, seed: list.draw(), deviation }); // prettier-ignore
    });
  const inner = convolutions('inner_blocks', 1, features.map(({ shape }) => shape[3]!)); // prettier-ignore
  const outer = convolutions('layer_blocks', 3, features.map(() => channels)); // prettier-ignore
  const laterals = features.map((x, i) => list.apply(inner[i]!, x));
  const merged: Symbolic[] = [];
  for (let i = laterals.length - 1; i >= 0; i--) {
    const above = merged[0];
    if (!above) merged.unshift(laterals[i]!);
    else {
      const doubled = tf.layers.upSampling2d({ size: [2, 2] }).apply(above) as Symbolic;
      merged.unshift(tf.layers.add().apply([laterals[i]!, doubled]) as Symbolic);
    }
  }
  const levels = merged.map((x, i) => list.apply(outer[i]!, x));
  const halved = tf.layers.maxPooling2d({ poolSize: 1, strides: 2 }).apply(levels.at(-1)!) as Symbolic;
  return [...levels, halved];
}
