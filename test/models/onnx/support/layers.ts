import { modelFile, TYPES } from './build.js';
import { drawn, tinyParts } from './tiny.js';

/**
 * The path of a file with {@link tinyParts} and layers of every kind that has a scale of its own behind: turned convolutions with and
 * without a bias, products with and without one, two convolutions that share a weight, and one whose weight, a Constant node's, is in fp16.
 *
 * @param around is added to one weight: another number, another file
 */
export function layersFile(around = 0): string {
  const parts = tinyParts(3);
  const half = {
    name: '',
    dims: [2, 3, 1, 1],
    dataType: TYPES.half,
    int32Data: [0x3c00, 0xb800, 0x3800, 0x3400, 0x3c00, 0xbc00],
  };
  return modelFile({
    ...parts,
    outputs: ['answer', 'rows', 'wide'],
    initializers: [
      ...parts.initializers!,
      ...[drawn('turned.w', [6, 4, 2, 2]), drawn('turned.b', [4]), drawn('bare.w', [4, 1, 2, 2])],
      ...[drawn('product.w', [6, 5]), drawn('added.w', [5, 4]), drawn('added.b', [4])],
      ...[drawn('twin.w', [3, 3, 1, 1], around)],
    ],
    nodes: [
      ...parts.nodes,
      {
        op: 'ConvTranspose',
        name: 'turned',
        inputs: ['i', 'turned.w', 'turned.b'],
        outputs: ['t'],
        attributes: { strides: [2, 2] },
      },
      { op: 'ConvTranspose', name: 'bare', inputs: ['t', 'bare.w'], outputs: ['u'], attributes: { group: 4 } },
      { op: 'ReduceMax', inputs: ['u'], outputs: ['wide'], attributes: { axes: [1], keepdims: 1 } },
      { op: 'MatMul', name: 'product', inputs: ['f', 'product.w'], outputs: ['p'] },
      { op: 'Tanh', inputs: ['p'], outputs: ['q'] },
      { op: 'MatMul', name: 'added', inputs: ['q', 'added.w'], outputs: ['r'] },
      { op: 'Add', inputs: ['r', 'added.b'], outputs: ['s'] },
      { op: 'Conv', name: 'twin1', inputs: ['images', 'twin.w'], outputs: ['v1'] },
      { op: 'Conv', name: 'twin2', inputs: ['v1', 'twin.w'], outputs: ['v2'] },
      { op: 'Constant', inputs: [], outputs: ['half.w'], attributes: { value: { tensor: half } } },
      { op: 'Cast', inputs: ['half.w'], outputs: ['half.cast'], attributes: { to: TYPES.float } },
      { op: 'Conv', name: 'half', inputs: ['v2', 'half.cast'], outputs: ['v3'] },
      { op: 'GlobalAveragePool', inputs: ['v3'], outputs: ['v4'] },
      { op: 'Flatten', inputs: ['v4'], outputs: ['v5'] },
      { op: 'Concat', inputs: ['s', 'v5'], outputs: ['rows'], attributes: { axis: 1 } },
    ],
  });
}
