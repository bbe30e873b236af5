import type { NamedLayer } from './layers.js';
import { referenceShape } from './layout.js';
import type { StateTensor } from './network.js';

/** The state tensors of a network's layers, in their order. */
export function stateOf(layers: readonly NamedLayer[]): StateTensor[] {
  return layers.flatMap((layer) =>
    layer.named().map((tensor) => {
      const shape = tensor.variable.shape as number[];
      return {
        ...tensor,
        shape: tensor.kind === 'fixed' ? shape : referenceShape(shape),
        parameters: shape.reduce((product, size) => product * size, 1),
      };
    }),
  );
}
