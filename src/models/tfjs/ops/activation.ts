import type { Call, Family } from '../call.js';
import type { Tensor } from '../emitter.js';

/** What is computed of one number at a time, by what fused operations and Keras call it: the operation and its attributes. */
const NAMED: Readonly<Record<string, (call: Call, x: Tensor) => Tensor>> = {
  Relu: (call, x) => call.result('Relu', [x]),
  Relu6: (call, x) => call.result('Clip', [x, call.scalar(0), call.scalar(6)]),
  Elu: (call, x) => call.result('Elu', [x]),
  Sigmoid: (call, x) => call.result('Sigmoid', [x]),
  LeakyRelu: (call, x) => {
    const alpha = call.node.number(call.node.has('leakyrelu_alpha') ? 'leakyrelu_alpha' : 'alpha', 0.2);
    return call.result('LeakyRelu', [x], { attributes: { alpha: { float: alpha } } });
  },
};

/** Functions of one number that bend. */
export const activation: Family = {
  ...Object.fromEntries(Object.entries(NAMED).map(([name, make]) => [name, (call: Call, x: Tensor) => make(call, x)])),
  Selu: (call, x) => call.result('Selu', [x]),
  Softplus: (call, x) => call.result('Softplus', [x]),
  Softsign: (call, x) => call.result('Softsign', [x]),
  Prelu: (call, x, alpha) => call.result('PRelu', [x, alpha!]),
};

/** The end of a fused operation; undefined for one that it does not know. */
export function activated(call: Call, name: string, x: Tensor, alpha: Tensor | undefined): Tensor | undefined {
  if (name === 'Prelu') return alpha && call.result('PRelu', [x, alpha], { rank: x.rank });
  const result = NAMED[name]?.(call, x);
  return result && { ...result, kind: x.kind, rank: x.rank };
}
