import { lengthOf, numbersOf, type Call, type Family } from '../call.js';
import type { Tensor } from '../emitter.js';

/** Shapes of values, and the same values in other shapes. */
export const shape: Family = {
  Shape: (call, x) => call.result('Shape', [x!], { kind: 'int64', rank: 1, length: x!.rank }),
  Size: (call, x) => call.result('Size', [x!], { kind: 'int64', rank: 0 }),
  Rank: (call, x) => call.result('Size', [call.inner('Shape', [x!])], { kind: 'int64', rank: 0 }),
  Reshape: (call, x, to) => call.result('Reshape', [x!, to!], { rank: lengthOf(to!) }),
  ExpandDims: (call, x, axis) => {
    const [at] = numbersOf(axis) ?? [];
    if (at === undefined) return undefined;
    return call.result('Unsqueeze', [x!, call.integers([at])], { rank: more(x!, 1) });
  },
  Squeeze: (call, x) => {
    const axes = call.node.numbers('squeeze_dims', call.node.numbers('axis'));
    if (axes.length === 0) return call.result('Squeeze', [x!], { rank: undefined });
    return call.result('Squeeze', [x!, call.integers(axes)], { rank: more(x!, -axes.length) });
  },
  Transpose: (call, x, order) => {
    const perm = numbersOf(order);
    return perm && call.result('Transpose', [x!], { rank: perm.length, attributes: { perm } });
  },
  BroadcastTo: (call, x, to) => call.result('Expand', [x!, to!], { rank: lengthOf(to!) }),
  Fill: (call, dims, value) => call.result('Expand', [value!, dims!], { kind: value!.kind, rank: lengthOf(dims!) }),
  ZerosLike: (call, x) => filled(call, x!, 0),
  OnesLike: (call, x) => filled(call, x!, 1),
  Range: (call, ...limits) => call.result('Range', limits, { rank: 1 }),
  SpaceToBatchND: (call, x, block, pads) => spaceToBatch(call, x!, block!, pads!),
  BatchToSpaceND: (call, x, block, crops) => batchToSpace(call, x!, block!, crops!),
};

function more({ rank }: Tensor, count: number): number | undefined {
  return rank === undefined ? undefined : rank + count;
}

function filled(call: Call, x: Tensor, value: number): Tensor {
  return call.result('Expand', [call.scalar(value, x.kind), call.inner('Shape', [x])]);
}

/** Pictures whose pixels of every `block`-th row and column are a picture of their own: what dilated convolutions were written with. */
function spaceToBatch(call: Call, x: Tensor, block: Tensor, pads: Tensor): Tensor | undefined {
  const [down, across, ...others] = numbersOf(block) ?? [];
  if (down === undefined || across === undefined || others.length > 0) return undefined;
  const padded = call.inner('Pad', [x, picturePads(call, pads)]);
  const [batch, height, width, channels] = sides(call, padded);
  const [rows, columns] = [call.inner('Div', [height, call.integers([down])]), call.inner('Div', [width, call.integers([across])])]; // prettier-ignore
  const taken = call.inner('Concat', [batch, rows, call.integers([down]), columns, call.integers([across]), channels], { axis: 0 }); // prettier-ignore
  const turned = call.inner('Transpose', [call.inner('Reshape', [padded, taken])], { perm: [2, 4, 0, 1, 3, 5] });
  const many = call.inner('Concat', [call.integers([-1]), rows, columns, channels], { axis: 0 });
  return call.result('Reshape', [turned, many], { rank: 4 });
}

function batchToSpace(call: Call, x: Tensor, block: Tensor, crops: Tensor): Tensor | undefined {
  const [down, across, ...others] = numbersOf(block) ?? [];
  if (down === undefined || across === undefined || others.length > 0) return undefined;
  const [, height, width, channels] = sides(call, x);
  const taken = call.inner('Concat', [call.integers([down]), call.integers([across]), call.integers([-1]), height, width, channels], { axis: 0 }); // prettier-ignore
  const turned = call.inner('Transpose', [call.inner('Reshape', [x, taken])], { perm: [2, 3, 0, 4, 1, 5] });
  const [tall, wide] = [call.inner('Mul', [height, call.integers([down])]), call.inner('Mul', [width, call.integers([across])])]; // prettier-ignore
  const whole = call.inner('Concat', [call.integers([-1]), tall, wide, channels], { axis: 0 });
  const pads = call.inner('Neg', [picturePads(call, crops)]);
  return call.result('Pad', [call.inner('Reshape', [turned, whole]), pads], { rank: 4 });
}

/** Sizes of a picture's four axes, each `[1]`. */
function sides(call: Call, x: Tensor | string): [string, string, string, string] {
  const all = call.inner('Shape', [x]);
  return [0, 1, 2, 3].map((axis) => call.inner('Slice', [all, call.integers([axis]), call.integers([axis + 1])])) as [
    string,
    string,
    string,
    string,
  ];
}

/** `[[top, bottom], [left, right]]` as ONNX pads a picture. */
function picturePads(call: Call, pads: Tensor): string {
  const borders = call.inner('Reshape', [call.inner('Transpose', [pads], { perm: [1, 0] }), call.integers([2, 2])]);
  const zeros = call.integers([0, 0], [2, 1]);
  return call.inner('Reshape', [call.inner('Concat', [zeros, borders, zeros], { axis: 1 }), call.integers([-1])]);
}
