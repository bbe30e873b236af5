import { transposedData } from '../../onnx/tensor-data.js';
import type { Call, Family } from '../call.js';
import { numbersOf } from '../call.js';
import type { AttributeValue, Tensor } from '../emitter.js';
import { biasOf, fusedOf, withActivation, type Fused } from './fused.js';

/** Convolutions over pictures. */
export const convolution: Family = {
  Conv2D: (call, x, filter) => convolve(call, x!, filter!, {}),
  _FusedConv2D: (call, x, filter, ...rest) => {
    const fused = fusedOf(call, rest);
    return fused && convolve(call, x!, filter!, fused);
  },
  DepthwiseConv2dNative: (call, x, filter) => depthwise(call, x!, filter!, {}),
  FusedDepthwiseConv2dNative: (call, x, filter, ...rest) => {
    const fused = fusedOf(call, rest);
    return fused && depthwise(call, x!, filter!, fused);
  },
  Conv2DBackpropInput: (call, sizes, filter, x) => transposed(call, sizes!, filter!, x!),
};

/** Filters `[height, width, in, out]`. */
function convolve(call: Call, x: Tensor, filter: Tensor, fused: Fused): Tensor | undefined {
  const { constant } = filter;
  if (!constant || constant.shape.length !== 4) return undefined;
  const weight = reordered(call, filter, [3, 2, 0, 1], constant.shape);
  return layer(call, 'Conv', x, weight, { channels: constant.shape[3]!, kernel: constant.shape.slice(0, 2) }, fused);
}

/** Filters `[height, width, in, multiplier]`, one group for each channel of the input. */
function depthwise(call: Call, x: Tensor, filter: Tensor, fused: Fused): Tensor | undefined {
  const { constant } = filter;
  if (!constant || constant.shape.length !== 4) return undefined;
  const [height, width, inner, multiplier] = constant.shape as [number, number, number, number];
  const channels = inner * multiplier;
  const shape = [channels, 1, height, width];
  const weight = reordered(call, filter, [2, 3, 0, 1], constant.shape, shape);
  return layer(call, 'Conv', x, weight, { channels, kernel: [height, width], group: inner }, fused);
}

/** Filters `[height, width, out, in]`; `sizes` are the result's. */
function transposed(call: Call, sizes: Tensor, filter: Tensor, x: Tensor): Tensor | undefined {
  const { constant } = filter;
  if (!constant || constant.shape.length !== 4) return undefined;
  const weight = reordered(call, filter, [3, 2, 0, 1], constant.shape);
  const out = numbersOf(sizes)?.slice(1, 3);
  const shape = { channels: constant.shape[2]!, kernel: constant.shape.slice(0, 2), ...(out && { out }) };
  return layer(call, 'ConvTranspose', x, weight, shape, {});
}

interface LayerShape {
  channels: number;
  kernel: number[];
  group?: number;
  /** Height and width of the result of a transposed one. */
  out?: number[];
}

function layer(call: Call, op: string, x: Tensor, weight: string, shape: LayerShape, fused: Fused): Tensor | undefined {
  const window = windowAttributes(call);
  const bias = fused.bias && biasOf(call, fused.bias, shape.channels);
  if (!window || (fused.bias && bias === undefined)) return undefined;
  const first = call.emitter.unique(`${call.name}/first`);
  const inputs = [call.first(x), weight, ...(bias === undefined ? [] : [bias])];
  const node = call.emitter.node(
    op,
    inputs,
    [first],
    {
      ...window,
      kernel_shape: shape.kernel,
      ...(shape.group !== undefined && { group: shape.group }),
      ...(shape.out && { output_shape: shape.out }),
    },
    { name: call.name },
  );
  const { channels } = shape;
  const unbiased = bias === undefined && fused.activation === undefined ? { node, channels } : undefined;
  return withActivation(call, fused, (name) => ({ ...call.emitter.last(name, first), ...(unbiased && { unbiased }) }));
}

/** Strides, dilations and padding of a node; undefined for pictures with channels in front. */
export function windowAttributes(call: Call): Record<string, AttributeValue> | undefined {
  const { node } = call;
  const spatial = (name: string): number[] => node.numbers(name, [1, 1, 1, 1]).slice(1, 3);
  if (node.text('data_format', 'NHWC') !== 'NHWC') return undefined;
  const padding = node.text('padding', 'VALID');
  const window = { strides: spatial('strides'), dilations: spatial('dilations') };
  if (padding === 'SAME') return { ...window, auto_pad: 'SAME_UPPER' };
  if (padding !== 'EXPLICIT') return window;
  const [top, bottom, left, right] = node.numbers('explicit_paddings').slice(2, 6);
  return { ...window, pads: [top!, left!, bottom!, right!] };
}

/** A filter in another order of axes, under the file's name. */
function reordered(call: Call, filter: Tensor, order: number[], shape: number[], result?: number[]): string {
  const data = transposedData(filter.constant!.data, shape, order);
  const constant = { ...filter.constant!, shape: result ?? order.map((axis) => shape[axis]!), data };
  return call.emitter.weight(filter, call.uses(filter.name) === 1, constant, 'filter');
}
