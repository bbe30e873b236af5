import tf from '../common/tf.cjs';
import { activationsOf } from './activations.js';
import { layeredStems } from './layered-stems.js';
import type { NamedLayer } from './layers.js';
import { referenceShape } from './layout.js';
import type { Network, Parameter } from './network.js';
import { IMAGENET, normalize, type Preprocessing } from './preprocessing.js';
import { requireImages } from './require-images.js';

export interface LayeredNetworkOptions extends Pick<Network, 'spec' | 'task' | 'parameters'> {
  /** Normalized pixels `[batch, height, width, 3]` to logits; its layers know what `statistics` of a call mean. */
  model: tf.LayersModel;
  stride: number;
  /** Default: ImageNet's. */
  preprocessing?: Partial<Preprocessing>;
}

/** A network whose forward pass is that of a LayersModel, which is the network's from now on. */
export function layeredNetwork({ model, stride, preprocessing: stated, ...known }: LayeredNetworkOptions): Network {
  const preprocessing = { ...IMAGENET, ...stated };
  return {
    ...known,
    epsilon: known.spec.epsilon,
    input: { stride, preprocessing },
    forward(images, statistics) {
      requireImages(images.shape, stride, known.spec.name);
      // What is not for training is freed layer by layer.
      const call = { training: statistics !== undefined, statistics };
      return tf.tidy(() => ({ logits: model.apply(normalize(images, preprocessing), call) as tf.Tensor }));
    },
    stems: layeredStems(model, (images) => normalize(images, preprocessing)),
    activations: () => activationsOf(model, stride),
    dispose: () => void model.dispose(),
  };
}

/** The parameters of a network's layers, in their order. */
export function parametersOf(layers: readonly NamedLayer[]): Parameter[] {
  return layers.flatMap((layer) =>
    layer.named().map(({ name, role, layout, variable: own }) => {
      // The layer's own `read` hands out its variable as a plain tensor.
      const variable = own.read() as tf.Variable;
      const shape = referenceShape(variable.shape, layout);
      return { name, role, group: layer.prefix, layout, shape, size: variable.size, variable };
    }),
  );
}
