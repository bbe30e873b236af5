import * as tf from '@tensorflow/tfjs';
import { BatchNorm, Convolution, type NamedLayer } from '../../../src/models/layers.js';
import { layeredNetwork, parametersOf } from '../../../src/models/layered-network.js';
import type { Network, NetworkOptions } from '../../../src/models/network.js';

/**
 * A network that trains in no time: 3x3 convolution to 4 channels, batch normalization, ReLU, 1x1 convolution to the classes.
 * scripts/fixtures/sgd_steps.py makes the same one in PyTorch.
 */
export function tinyNetwork({
  classes = 11,
  seed = 1,
  preprocessing,
}: Partial<NetworkOptions & { classes: number; seed: number }> = {}): Network {
  const conv = new Convolution({ prefix: 'conv', filters: 4, kernel: 3, seed });
  const norm = new BatchNorm({ prefix: 'norm' });
  const seg = new Convolution({ prefix: 'seg', filters: classes, kernel: 1, bias: true, seed: seed + 1 });
  const input = tf.input({ shape: [null, null, 3] });
  const features = tf.layers.activation({ activation: 'relu' }).apply(norm.apply(conv.apply(input)));
  const model = tf.model({ inputs: input, outputs: seg.apply(features) as tf.SymbolicTensor });
  const layers: NamedLayer[] = [conv, norm, seg];
  const spec = { name: 'tiny', classes, width: 1 };
  const parameters = parametersOf(layers);
  return layeredNetwork({ spec, task: 'segmentation', parameters, model, stride: 1, preprocessing });
}
