import type { LayerCall, LayerFamily } from './layer.js';

/** Layers that give pictures other sizes, or one number for each channel. */
export const picture: LayerFamily = {
  MaxPooling2D: (call, x) => pooled(call, 'MaxPool', x!),
  AveragePooling2D: (call, x) => pooled(call, 'AvgPool', x!),
  GlobalAveragePooling2D: (call, x) => whole(call, 'Mean', x!),
  GlobalMaxPooling2D: (call, x) => whole(call, 'Max', x!),
  ZeroPadding2D: (call, x) => bordered(call, x!, (call.config['padding'] as number[][]).flat()),
  Cropping2D: (call, x) =>
    bordered(
      call,
      x!,
      (call.config['cropping'] as number[][]).flat().map((size) => -size),
    ),
  UpSampling2D: (call, x) => {
    if (!call.isChannelsLast) return undefined;
    const shape = call.node('Slice', [call.node('Shape', [x!]), call.integers([1]), call.integers([2])]);
    const size = call.node('Mul', [shape, call.integers(call.numbers('size'))]);
    const op = call.text('interpolation') === 'bilinear' ? 'ResizeBilinear' : 'ResizeNearestNeighbor';
    return call.node(op, [x!, size]);
  },
  Rescaling: (call, x) => {
    const scaled = call.node('Mul', [x!, call.scalar(call.number('scale', 1))]);
    return call.node('AddV2', [scaled, call.scalar(call.number('offset'))]);
  },
};

function pooled(call: LayerCall, op: string, x: string): string | undefined {
  if (!call.isChannelsLast) return undefined;
  const sides = (key: string): number[] => [1, ...call.numbers(key), 1];
  return call.node(op, [x], {
    ...{ ksize: sides('poolSize'), strides: sides('strides') },
    padding: call.text('padding').toUpperCase(),
  });
}

function whole(call: LayerCall, op: string, x: string): string | undefined {
  return call.isChannelsLast ? call.node(op, [x, call.integers([1, 2])]) : undefined;
}

/** @param sides above, below, left and right; what is negative is cut off */
function bordered(call: LayerCall, x: string, sides: number[]): string | undefined {
  return call.isChannelsLast ? call.node('Pad', [x, call.integers([0, 0, ...sides, 0, 0], [4, 2])]) : undefined;
}
