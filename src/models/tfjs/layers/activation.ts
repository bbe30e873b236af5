import type { LayerCall, LayerFamily } from './layer.js';

/** Activations that are one operation, by their names in TensorFlow.js. */
const OPS: Readonly<Record<string, string>> = {
  elu: 'Elu',
  logSoftmax: 'LogSoftmax',
  relu: 'Relu',
  relu6: 'Relu6',
  selu: 'Selu',
  sigmoid: 'Sigmoid',
  softmax: 'Softmax',
  softplus: 'Softplus',
  softsign: 'Softsign',
  tanh: 'Tanh',
};

const COMPOSED: Readonly<Record<string, (call: LayerCall, x: string) => string>> = {
  linear: (_call, x) => x,
  hardSigmoid: (call, x) => {
    const line = call.node('AddV2', [call.node('Mul', [x, call.scalar(0.2)]), call.scalar(0.5)]);
    return call.node('ClipByValue', [line, call.scalar(0), call.scalar(1)]);
  },
  swish: (call, x) => call.node('Mul', [x, call.node('Sigmoid', [x])]),
  mish: (call, x) => call.node('Mul', [x, call.node('Tanh', [call.node('Softplus', [x])])]),
  gelu: (call, x) => {
    const half = call.node('Erf', [call.node('Mul', [x, call.scalar(Math.SQRT1_2)])]);
    return call.node('Mul', [x, call.node('Mul', [call.node('AddV2', [half, call.scalar(1)]), call.scalar(0.5)])]);
  },
};

/** A value with the activation of a layer's config behind it; undefined for one that is not known. */
export function activated(call: LayerCall, x: string | undefined): string | undefined {
  if (x === undefined) return undefined;
  const name = String(call.config['activation'] ?? 'linear');
  const op = OPS[name];
  return op === undefined ? COMPOSED[name]?.(call, x) : call.node(op, [x]);
}

export const activation: LayerFamily = {
  Activation: (call, x) => activated(call, x),
  ReLU: (call, x) => {
    const most = call.config['maxValue'];
    if (most === 6) return call.node('Relu6', [x!]);
    const above = call.node('Relu', [x!]);
    return typeof most === 'number' ? call.node('Minimum', [above, call.scalar(most)]) : above;
  },
  LeakyReLU: (call, x) => call.node('LeakyRelu', [x!], { alpha: { float: call.number('alpha', 0.3) } }),
  ELU: (call, x) => call.node('Elu', [x!]),
  PReLU: (call, x) => call.node('Prelu', [x!, call.weight('alpha')!]),
  ThresholdedReLU: (call, x) => {
    const isAbove = call.node('Greater', [x!, call.scalar(call.number('theta', 1))]);
    return call.node('SelectV2', [isAbove, x!, call.scalar(0)]);
  },
  Softmax: (call, x) => {
    const axes = call.numbers('axis');
    const last = call.inputShape.length - 1;
    return axes.length === 1 && (axes[0] === -1 || axes[0] === last) ? call.node('Softmax', [x!]) : undefined;
  },
};
