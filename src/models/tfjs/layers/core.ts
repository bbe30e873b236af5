import type { LayerCall, LayerFamily, LayerTranslation } from './layer.js';

/** Layers that put values together, into other shapes, or only train otherwise. */
export const core: LayerFamily = {
  ...named(['Dropout', 'SpatialDropout1D', 'GaussianNoise', 'GaussianDropout', 'AlphaDropout'], () => (_call, x) => x),
  ...named(['Add'], () => folded('AddV2')),
  ...named(['Multiply'], () => folded('Mul')),
  ...named(['Maximum', 'Minimum'], folded),
  Average: (call, ...all) => call.node('Mul', [folded('AddV2')(call, ...all)!, call.scalar(1 / all.length)]),
  Concatenate: (call, ...all) => call.node('ConcatV2', [...all, call.integers([call.number('axis', -1)], [])]),
  Flatten: (call, x) => {
    const sides = call.inputShape.slice(1);
    if (!call.isChannelsLast || sides.includes(undefined)) return undefined;
    return call.node('Reshape', [x!, call.integers([-1, sides.reduce<number>((product, side) => product * side!, 1)])]);
  },
  Reshape: (call, x) => {
    const sides = call.outputShape.slice(1).map((side) => side ?? -1);
    return sides.includes(-1) ? undefined : call.node('Reshape', [x!, call.integers([-1, ...sides])]);
  },
  Permute: (call, x) => call.node('Transpose', [x!, call.integers([0, ...call.numbers('dims')])]),
  RepeatVector: (call, x) => {
    const row = call.node('ExpandDims', [x!, call.integers([1], [])]);
    return call.node('Tile', [row, call.integers([1, call.number('n', 1), 1])]);
  },
  BatchNormalization: (call, x) => batchNormalization(call, x!),
  LayerNormalization: (call, x) => layerNormalization(call, x!),
};

function named(names: string[], make: (name: string) => LayerTranslation): LayerFamily {
  return Object.fromEntries(names.map((name) => [name, make(name)]));
}

function folded(op: string): LayerTranslation {
  return (call, first, ...rest) => rest.reduce((sum, one) => call.node(op, [sum, one]), first!);
}

function batchNormalization(call: LayerCall, x: string): string | undefined {
  const rank = call.inputShape.length;
  const axis = Number(call.numbers('axis')[0]);
  const channels = call.inputShape.at(-1);
  if ((axis !== -1 && axis !== rank - 1) || (rank !== 2 && rank !== 4) || channels === undefined) return undefined;
  const scale = call.weight('gamma') ?? call.filled(1, channels);
  const shift = call.weight('beta') ?? call.filled(0, channels);
  const inputs = [x, scale, shift, call.weight('movingMean')!, call.weight('movingVariance')!];
  const epsilon = { float: call.number('epsilon', 0.001) };
  return call.node('FusedBatchNormV3', inputs, { epsilon, is_training: false });
}

function layerNormalization(call: LayerCall, x: string): string | undefined {
  const axes = call.numbers('axis');
  if (axes.length !== 1 || (axes[0] !== -1 && axes[0] !== call.inputShape.length - 1)) return undefined;
  const mean = call.node('Mean', [x, call.integers([-1])], { keep_dims: true });
  const apart = call.node('Sub', [x, mean]);
  const variance = call.node('Mean', [call.node('Square', [apart]), call.integers([-1])], { keep_dims: true });
  const factor = call.node('Rsqrt', [call.node('AddV2', [variance, call.scalar(call.number('epsilon', 0.001))])]);
  const [scale, shift] = [call.weight('gamma'), call.weight('beta')];
  const normal = call.node('Mul', [apart, factor]);
  const scaled = scale === undefined ? normal : call.node('Mul', [normal, scale]);
  return shift === undefined ? scaled : call.node('AddV2', [scaled, shift]);
}
