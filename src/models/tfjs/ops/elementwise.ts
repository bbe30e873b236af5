import type { Call, Family, Translation } from '../call.js';
import { broadcastRank } from '../call.js';
import type { Kind, Tensor } from '../emitter.js';
import { addedBias } from './fused.js';

/** Operations of one operand that ONNX has under another name or its own. */
const UNARY: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      ...['Abs', 'Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atanh', 'Ceil', 'Cos', 'Cosh', 'Erf', 'Exp', 'Floor'],
      ...['Log', 'Neg', 'Reciprocal', 'Round', 'Sign', 'Sin', 'Sinh', 'Sqrt', 'Tan', 'Tanh'],
    ].map((name) => [name, name]),
  ),
  LogicalNot: 'Not',
};

const BINARY: Readonly<Record<string, string>> = {
  Sub: 'Sub',
  Mul: 'Mul',
  RealDiv: 'Div',
  DivNoNan: 'Div',
  Maximum: 'Max',
  Minimum: 'Min',
  Pow: 'Pow',
};

/** Of truth values as results. */
const COMPARISONS: Readonly<Record<string, string>> = {
  Equal: 'Equal',
  Greater: 'Greater',
  GreaterEqual: 'GreaterOrEqual',
  Less: 'Less',
  LessEqual: 'LessOrEqual',
  LogicalAnd: 'And',
  LogicalOr: 'Or',
};

/** What is computed element by element. */
export const elementwise: Family = {
  ...families(UNARY, (op) => (call, x) => call.result(op, [x!])),
  ...families(BINARY, (op) => (call, x, y) => both(call, op, x!, y!)),
  ...families(COMPARISONS, (op) => (call, x, y) => both(call, op, x!, y!, 'bool')),
  ...families({ Add: '', AddV2: '', BiasAdd: '' }, () => (call, x, y) => sum(call, x!, y!)),
  AddN: (call, ...all) => call.result('Sum', all),
  NotEqual: (call, x, y) => both(call, 'Not', call.inner('Equal', [x!, y!]), undefined, 'bool'),
  Rsqrt: (call, x) => call.result('Reciprocal', [call.inner('Sqrt', [x!])]),
  Square: (call, x) => call.result('Mul', [x!, x!]),
  SquaredDifference: (call, x, y) => {
    const apart = call.inner('Sub', [x!, y!]);
    return both(call, 'Mul', apart, apart);
  },
  Log1p: (call, x) => call.result('Log', [call.inner('Add', [x!, call.scalar(1)])]),
  Expm1: (call, x) => call.result('Sub', [call.inner('Exp', [x!]), call.scalar(1)]),
  Div: (call, x, y) => (x!.kind === 'int64' ? floorDiv(call, x!, y!) : both(call, 'Div', x!, y!)),
  FloorDiv: (call, x, y) => floorDiv(call, x!, y!),
  FloorMod: (call, x, y) => {
    if (x!.kind === 'int64') return both(call, 'Mod', x!, y!);
    const whole = call.inner('Floor', [call.inner('Div', [x!, y!])]);
    return both(call, 'Sub', x!, call.inner('Mul', [whole, y!]));
  },
  Atan2: (call, y, x) => {
    const isBehind = call.inner('Less', [x!, call.scalar(0)]);
    const isBelow = call.inner('Less', [y!, call.scalar(0)]);
    const half = call.inner('Where', [isBelow, call.scalar(-Math.PI), call.scalar(Math.PI)]);
    const turn = call.inner('Where', [isBehind, half, call.scalar(0)]);
    return both(call, 'Add', call.inner('Atan', [call.inner('Div', [y!, x!])]), turn);
  },
  Select: (call, condition, x, y) => selected(call, condition!, x!, y!),
  SelectV2: (call, condition, x, y) => selected(call, condition!, x!, y!),
  ClipByValue: (call, x, low, high) => call.result('Clip', [x!, low!, high!]),
  Cast: (call, x) => cast(call, x!),
};

function families(names: Readonly<Record<string, string>>, make: (op: string) => Translation): Family {
  return Object.fromEntries(Object.entries(names).map(([name, op]) => [name, make(op)]));
}

/** A result of operands that broadcast; with one alone, of a value inside the translation. */
function both(call: Call, op: string, x: Tensor | string, y: Tensor | string | undefined, kind?: Kind): Tensor {
  const options = { rank: broadcastRank(call.inputs), ...(kind && { kind }) };
  return call.result(op, y === undefined ? [x] : [x, y], options);
}

/** A bias becomes part of the layer in front of it. */
function sum(call: Call, x: Tensor, y: Tensor): Tensor | undefined {
  if (call.node.text('data_format', 'NHWC') !== 'NHWC') return undefined;
  return addedBias(call, x, y) ?? addedBias(call, y, x) ?? both(call, 'Add', x, y);
}

/** Rounded down, where ONNX's division of whole numbers rounds towards 0. */
function floorDiv(call: Call, x: Tensor, y: Tensor): Tensor | undefined {
  if (x.kind !== 'int64') return undefined;
  return both(call, 'Div', call.inner('Sub', [x, call.inner('Mod', [x, y])]), y);
}

/** The older form has a condition for each row, which does not broadcast as ONNX's does. */
function selected(call: Call, condition: Tensor, x: Tensor, y: Tensor): Tensor | undefined {
  if (call.node.op === 'Select' && condition.rank === 1 && x.rank !== 1) return undefined;
  return call.result('Where', [condition, x, y], { kind: x.kind, rank: broadcastRank(call.inputs) });
}

const NUMBERS: Readonly<Record<Kind, number>> = { float32: 1, int64: 7, bool: 9 };

function cast(call: Call, x: Tensor): Tensor | undefined {
  const kind = kindOf(call.node.type('DstT'));
  return kind && call.result('Cast', [x], { kind, attributes: { to: NUMBERS[kind] } });
}

/** The kind that values of one of TensorFlow's types are computed as. */
export function kindOf(type: string | undefined): Kind | undefined {
  if (type === 'DT_FLOAT') return 'float32';
  if (type === 'DT_BOOL') return 'bool';
  return type === 'DT_INT32' || type === 'DT_INT64' || type === 'DT_UINT8' ? 'int64' : undefined;
}
