import { drawn, graphFile, integers, type GraphParts, type Numbers } from './build.js';

const WINDOW = { dilations: [1, 1, 1, 1], padding: 'SAME', data_format: 'NHWC' };

/**
 * A small network for pictures of any size: a strided convolution with its batch normalization, a depthwise one with a bias behind it, one of
 * fused operations, and its answer brought to the picture's size.
 */
export function tinyParts(): GraphParts {
  const positive = { ...drawn(4), values: [0.5, 1, 1.5, 2] };
  return {
    inputs: { images: [-1, -1, -1, 3] },
    outputs: ['mask'],
    weights: {
      'stem/kernel': scaled(0.3, 3, 3, 3, 4),
      'norm/gamma': drawn(4),
      'norm/beta': drawn(4),
      'norm/mean': drawn(4),
      'norm/variance': positive,
      'depth/kernel': scaled(0.3, 3, 3, 4, 1),
      'depth/bias': drawn(4),
      'head/kernel': scaled(0.3, 1, 1, 4, 2),
      'head/bias': drawn(2),
      'last/kernel': scaled(0.3, 1, 1, 2, 1),
      begin: integers([1]),
      end: integers([3]),
      step: integers([1]),
    },
    nodes: [
      { op: 'Conv2D', name: 'stem', inputs: ['images', 'stem/kernel'], attributes: { ...WINDOW, strides: [1, 2, 2, 1] } }, // prettier-ignore
      {
        op: 'FusedBatchNormV3',
        name: 'norm',
        inputs: ['stem', 'norm/gamma', 'norm/beta', 'norm/mean', 'norm/variance'],
        attributes: { epsilon: { float: 0.01 }, is_training: false },
      },
      { op: 'Relu6', name: 'bend', inputs: ['norm'] },
      { op: 'DepthwiseConv2dNative', name: 'depth', inputs: ['bend', 'depth/kernel'], attributes: { ...WINDOW, strides: [1, 1, 1, 1] } }, // prettier-ignore
      { op: 'BiasAdd', name: 'depth/BiasAdd', inputs: ['depth', 'depth/bias'] },
      {
        op: '_FusedConv2D',
        name: 'head',
        inputs: ['depth/BiasAdd', 'head/kernel', 'head/bias'],
        attributes: { ...WINDOW, strides: [1, 1, 1, 1], fused_ops: ['BiasAdd', 'Elu'], num_args: 1 },
      },
      { op: 'Conv2D', name: 'last', inputs: ['head', 'last/kernel'], attributes: { ...WINDOW, strides: [1, 1, 1, 1] } }, // prettier-ignore
      { op: 'Shape', name: 'shape', inputs: ['images'] },
      { op: 'StridedSlice', name: 'size', inputs: ['shape', 'begin', 'end', 'step'] },
      { op: 'ResizeBilinear', name: 'large', inputs: ['last', 'size'], attributes: { half_pixel_centers: true } },
      { op: 'Sigmoid', name: 'mask', inputs: ['large'] },
    ],
  };
}

/** {@link tinyParts} in a folder; the path of its model.json. */
export function tinyFile(): string {
  return graphFile(tinyParts());
}

function scaled(factor: number, ...shape: number[]): Numbers {
  const numbers = drawn(...shape);
  return { ...numbers, values: numbers.values.map((value) => factor * value) };
}
