import { numbersOf, type Call, type Family } from '../call.js';
import type { Tensor } from '../emitter.js';

/** Most values that one node is taken apart into. */
const MOST = 4096;

/** What is put together and taken apart. */
export const parts: Family = {
  ConcatV2: (call, ...all) => {
    const axis = numbersOf(all.at(-1))?.[0];
    return axis === undefined ? undefined : joined(call, all.slice(0, -1), axis);
  },
  Concat: (call, at, ...all) => {
    const axis = numbersOf(at)?.[0];
    return axis === undefined ? undefined : joined(call, all, axis);
  },
  Pack: (call, ...all) => {
    const axis = call.node.number('axis', 0);
    const at = call.integers([axis]);
    const rows = all.map((one) => call.inner('Unsqueeze', [one, at]));
    const rank = all.find((one) => one.rank !== undefined)?.rank;
    const length = rank === 0 ? all.length : undefined;
    return call.result('Concat', rows, {
      rank: rank === undefined ? undefined : rank + 1,
      length,
      attributes: { axis },
    });
  },
  Unpack: (call, x) => {
    const axis = call.node.number('axis', 0);
    const count = call.node.number('num', 0);
    if (!(count >= 1 && count <= MOST)) return undefined;
    const at = call.integers([axis]);
    const rank = x!.rank === undefined ? undefined : x!.rank - 1;
    const rows = split(call, x!, axis, count);
    return rows.map((row, i) => squeezed(call, row, at, { name: call.valueName(i), kind: x!.kind, rank }));
  },
  Split: (call, at, x) => {
    const axis = numbersOf(at)?.[0];
    if (axis === undefined) return undefined;
    const count = call.node.number('num_split', 1);
    if (!(count >= 1 && count <= MOST)) return undefined;
    const values = Array.from({ length: count }, () => ({ kind: x!.kind, rank: x!.rank }));
    return call.results('Split', [x!], values, { axis, num_outputs: count });
  },
  SplitV: (call, x, sizes, at) => {
    const axis = numbersOf(at)?.[0];
    const list = numbersOf(sizes);
    if (axis === undefined || !list || list.some((size) => size < 0)) return undefined;
    return call.results('Split', [x!, sizes!], list.map(() => ({ kind: x!.kind, rank: x!.rank })), { axis }); // prettier-ignore
  },
  Tile: (call, x, repeats) => call.result('Tile', [x!, repeats!]),
  Pad: (call, x, pads) => padded(call, x!, pads!, 'constant'),
  PadV2: (call, x, pads, fill) => padded(call, x!, pads!, 'constant', fill),
  MirrorPad: (call, x, pads) =>
    call.node.text('mode', 'REFLECT') === 'REFLECT' ? padded(call, x!, pads!, 'reflect') : undefined,
};

function joined(call: Call, all: readonly Tensor[], axis: number): Tensor | undefined {
  if (all.length === 0) return undefined;
  const rank = all.find((one) => one.rank !== undefined)?.rank;
  return call.result('Concat', all, { kind: all[0]!.kind, rank, attributes: { axis } });
}

/** Names of the parts of an axis, one row each. */
function split(call: Call, x: Tensor, axis: number, count: number): string[] {
  const names = Array.from({ length: count }, () => call.emitter.unique(`${call.name}/row`));
  call.emitter.node('Split', [call.emitter.ref(x)], names, { axis, num_outputs: count });
  return names;
}

function squeezed(call: Call, row: string, axes: string, value: Tensor): Tensor {
  call.emitter.node('Squeeze', [row, axes], [value.name]);
  return value;
}

/** Borders are `[[before, behind], ...]` in TensorFlow and `[before..., behind...]` in ONNX. */
function padded(call: Call, x: Tensor, pads: Tensor, mode: string, fill?: Tensor): Tensor {
  const list = numbersOf(pads);
  const even = list?.filter((_, i) => i % 2 === 0);
  const sides = list
    ? call.integers([...even!, ...list.filter((_, i) => i % 2 === 1)])
    : call.inner('Reshape', [call.inner('Transpose', [pads], { perm: [1, 0] }), call.integers([-1])]);
  return call.result('Pad', [x, sides, ...(fill ? [fill] : [])], { attributes: { mode } });
}
