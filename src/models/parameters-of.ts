import type * as tf from '@tensorflow/tfjs';
import type { NamedLayer } from './layers.js';
import { referenceShape } from './layout.js';
import type { Parameter } from './network.js';

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
