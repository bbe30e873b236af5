import { numbersOf, type Call, type Family, type Translation } from '../call.js';
import type { Kind, Tensor } from '../emitter.js';

/** What axes become one number of. */
export const reduction: Family = {
  ...Object.fromEntries(
    Object.entries({
      Mean: 'ReduceMean',
      Sum: 'ReduceSum',
      Max: 'ReduceMax',
      Min: 'ReduceMin',
      Prod: 'ReduceProd',
    }).map(([name, op]): [string, Translation] => [name, (call, x, axes) => reduced(call, op, x!, axes!)]),
  ),
  All: (call, x, axes) => truth(call, 'ReduceMin', x!, axes!),
  Any: (call, x, axes) => truth(call, 'ReduceMax', x!, axes!),
  ArgMax: (call, x, axis) => place(call, 'ArgMax', x!, axis!),
  ArgMin: (call, x, axis) => place(call, 'ArgMin', x!, axis!),
  TopKV2: (call, x, k) => {
    const count = call.inner('Reshape', [k!, call.integers([1])]);
    const { rank } = x!;
    return call.results('TopK', [x!, count], [{ rank }, { kind: 'int64', rank }], { axis: -1 });
  },
  Cumsum: (call, x, axis) => {
    const flags = {
      ...(call.node.flag('exclusive') && { exclusive: 1 }),
      ...(call.node.flag('reverse') && { reverse: 1 }),
    };
    return call.result('CumSum', [x!, axis!], { attributes: flags });
  },
};

function reduced(call: Call, op: string, x: Tensor, axes: Tensor): Tensor | undefined {
  const list = axesOf(axes);
  if (!list) return undefined;
  return call.result(op, [x, call.integers(list)], keeping(call, x, list, x.kind));
}

function truth(call: Call, op: string, x: Tensor, axes: Tensor): Tensor | undefined {
  const list = axesOf(axes);
  if (!list) return undefined;
  const number = call.inner('Cast', [x], { to: 1 });
  const { attributes, rank } = keeping(call, x, list, 'bool');
  const one = call.inner(op, [number, call.integers(list)], attributes);
  return call.result('Greater', [one, call.scalar(0.5)], { kind: 'bool', rank });
}

function place(call: Call, op: string, x: Tensor, axis: Tensor): Tensor | undefined {
  const [at] = axesOf(axis) ?? [];
  if (at === undefined) return undefined;
  const rank = x.rank === undefined ? undefined : x.rank - 1;
  return call.result(op, [x], { kind: 'int64', rank, attributes: { axis: at, keepdims: 0 } });
}

function axesOf(axes: Tensor): number[] | undefined {
  return numbersOf(axes);
}

function keeping(call: Call, x: Tensor, axes: number[], kind: Kind) {
  const isKept = call.node.flag('keep_dims') || call.node.flag('keepdims');
  const rank = x.rank === undefined ? undefined : isKept ? x.rank : x.rank - axes.length;
  return { kind, rank, attributes: { keepdims: isKept ? 1 : 0, noop_with_empty_axes: 1 } };
}
