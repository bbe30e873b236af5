import type { Call, Family } from '../call.js';
import type { Tensor } from '../emitter.js';

/** What pictures `[batch, height, width, channels]` become in other sizes. */
export const picture: Family = {
  MaxPool: (call, x) => pooled(call, 'MaxPool', x!),
  AvgPool: (call, x) => pooled(call, 'AveragePool', x!),
  ResizeBilinear: (call, x, size) => resized(call, x!, size!, 'linear'),
  ResizeNearestNeighbor: (call, x, size) => resized(call, x!, size!, 'nearest'),
  DepthToSpace: (call, x) => blocks(call, x!),
};

function pooled(call: Call, op: string, x: Tensor): Tensor | undefined {
  const { node } = call;
  const spatial = (name: string): number[] => node.numbers(name, [1, 1, 1, 1]).slice(1, 3);
  const padding = node.text('padding', 'VALID');
  if (node.text('data_format', 'NHWC') !== 'NHWC' || padding === 'EXPLICIT') return undefined;
  const attributes = {
    ...{ kernel_shape: spatial('ksize'), strides: spatial('strides') },
    ...(padding === 'SAME' && { auto_pad: 'SAME_UPPER' }),
  };
  const first = call.inner(op, [call.first(x)], attributes);
  return call.last(first);
}

function resized(call: Call, x: Tensor, size: Tensor, mode: 'linear' | 'nearest'): Tensor {
  const { node } = call;
  const coordinates = node.flag('align_corners')
    ? 'align_corners'
    : node.flag('half_pixel_centers')
      ? 'half_pixel'
      : 'asymmetric';
  // TensorFlow takes the pixel whose area a place lies in.
  const rounding = coordinates === 'asymmetric' ? 'floor' : 'round_prefer_ceil';
  const image = call.first(x);
  // All sides: onnxruntime mistakes the attribute that names two of them.
  const others = call.inner('Slice', [call.inner('Shape', [image]), call.integers([0]), call.integers([2])]);
  const sizes = call.inner('Concat', [others, size], { axis: 0 });
  const first = call.inner('Resize', [image, '', '', sizes], {
    mode,
    coordinate_transformation_mode: coordinates,
    ...(mode === 'nearest' && { nearest_mode: rounding }),
  });
  return call.last(first);
}

function blocks(call: Call, x: Tensor): Tensor | undefined {
  if (call.node.text('data_format', 'NHWC') !== 'NHWC') return undefined;
  return call.last(call.inner('DepthToSpace', [call.first(x)], { blocksize: call.node.number('block_size', 0) }));
}
