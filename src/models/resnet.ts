import tf from '../common/tf.cjs';
import { Dense } from './dense.js';
import { LayerList } from './layer-list.js';
import { layeredNetwork, parametersOf } from './layered-network.js';
import type { Network, NetworkConfig, NetworkOptions } from './network.js';
import { residualStages, RESNET_VARIANTS } from './residual-stages.js';

type Symbolic = tf.SymbolicTensor;

/**
 * A residual network for classification, with torchvision's names: `conv1`, `bn1`, `layer1` to `layer4`, `fc`.
 *
 * @param config a name out of {@link RESNET_VARIANTS}
 * @param options.seed of the initial weights, drawn as torchvision draws them; null leaves them at 0
 * @source torchvision, models/resnet.py
 */
export function createResnet(config: NetworkConfig, { seed, preprocessing }: NetworkOptions): Network {
  const list = new LayerList(seed, config.epsilon);
  const input = tf.input({ shape: [null, null, 3] });
  const features = residualStages(input, list, { variant: RESNET_VARIANTS[config.name]!, width: config.width }).at(-1)!;
  const pooling = tf.layers.globalAveragePooling2d({ name: 'avgpool', dataFormat: 'channelsLast' });
  const pooled = pooling.apply(features) as Symbolic; //                                                 [b, 512 or 2048]
  const logits = list.apply(new Dense({ prefix: 'fc', units: config.classes, seed: list.draw() }), pooled); // [b, classes]
  const model = tf.model({ inputs: input, outputs: logits, name: config.name });
  const parameters = parametersOf(list.layers);
  return layeredNetwork({ spec: config, task: 'classification', parameters, model, stride: 1, preprocessing });
}
