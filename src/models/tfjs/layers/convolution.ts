import { activated } from './activation.js';
import type { LayerCall, LayerFamily, Plain } from './layer.js';

/** Layers with weights: convolutions and matrix products. */
export const convolution: LayerFamily = {
  Conv2D: (call, x) => layer(call, call.node('Conv2D', [x!, call.weight('kernel')!], window(call))),
  DepthwiseConv2D: (call, x) =>
    layer(call, call.node('DepthwiseConv2dNative', [x!, call.weight('depthwiseKernel')!], window(call))),
  SeparableConv2D: (call, x) => {
    const apart = call.node('DepthwiseConv2dNative', [x!, call.weight('depthwiseKernel')!], window(call));
    const ones = { strides: [1, 1, 1, 1], padding: 'VALID' };
    return layer(call, call.node('Conv2D', [apart, call.weight('pointwiseKernel')!], ones));
  },
  Conv2DTranspose: (call, x) => {
    const [, height, width] = call.outputShape;
    const isKnown = height !== undefined && width !== undefined;
    // The sizes of a result whose input has any are those that its strides give.
    const sizes = isKnown ? call.integers([1, height, width, call.number('filters')]) : call.node('Shape', [x!]);
    const { strides, padding } = window(call);
    return layer(call, call.node('Conv2DBackpropInput', [sizes, call.weight('kernel')!, x!], { strides, padding }));
  },
  Dense: (call, x) => {
    const op = call.inputShape.length === 2 ? 'MatMul' : 'BatchMatMulV2';
    return layer(call, call.node(op, [x!, call.weight('kernel')!]));
  },
};

function layer(call: LayerCall, product: string): string | undefined {
  if (!call.isChannelsLast) return undefined;
  const bias = call.weight('bias');
  return activated(call, bias === undefined ? product : call.node('BiasAdd', [product, bias]));
}

function window(call: LayerCall): Record<'strides' | 'dilations' | 'padding', Plain> {
  const sides = (key: string): number[] => [1, ...call.numbers(key), 1];
  const dilations = call.config['dilationRate'] == null ? [1, 1, 1, 1] : sides('dilationRate');
  return { strides: sides('strides'), dilations, padding: call.text('padding').toUpperCase() };
}
