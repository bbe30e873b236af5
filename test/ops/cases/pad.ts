import { pad, type PadMode } from '../../../src/ops/index.js';
import { at, make, type NdArray } from '../support/nd-array.js';
import type { OpCase } from '../support/op-case.js';

/** Walks from the border inwards, one step at a time. */
function walk(place: number, size: number, mode: PadMode): number {
  let at = place;
  while (at < 0 || at >= size) {
    if (mode === 'edge') at = at < 0 ? 0 : size - 1;
    else if (mode === 'wrap') at += at < 0 ? size : -size;
    else if (mode === 'symmetric') at = at < 0 ? -1 - at : 2 * size - 1 - at;
    else at = at < 0 ? -at : 2 * size - 2 - at;
  }
  return at;
}

/** What is left after cutting is padded. */
const padded = (x: NdArray, paddings: [number, number][], mode: PadMode, value: number): NdArray => {
  const cut = paddings.map(([before]) => Math.max(0, -before));
  const kept = x.shape.map((size, axis) => size - cut[axis]! - Math.max(0, -paddings[axis]![1]));
  const shape = x.shape.map((size, axis) => size + paddings[axis]![0] + paddings[axis]![1]);
  return make(shape, (index) => {
    const inside = index.map((place, axis) => place - Math.max(0, paddings[axis]![0]));
    if (mode === 'constant' && inside.some((place, axis) => place < 0 || place >= kept[axis]!)) return value;
    return at(x, inside.map((place, axis) => walk(place, kept[axis]!, mode) + cut[axis]!)); // prettier-ignore
  });
};

const add = (mode: PadMode, shape: number[], paddings: [number, number][], value = 0): OpCase => ({
  name: `pad, ${mode}, [${shape}] by ${JSON.stringify(paddings)}`,
  shapes: [shape],
  run: (x) => pad(x!, paddings, mode, value),
  reference: (x) => padded(x!, paddings, mode, value),
});

// prettier-ignore
export const PAD_CASES: OpCase[] = [
  ...(['constant', 'reflect', 'symmetric', 'edge', 'wrap'] as const).flatMap((mode) => [
    add(mode, [1, 4, 5, 2], [[0, 0], [2, 1], [0, 3], [0, 0]], 0.5),
    add(mode, [2, 4, 5], [[1, 0], [-1, 2], [2, -2]], -3),
    add(mode, [1, 2, 3, 1, 4], [[0, 0], [1, 1], [0, 2], [0, 0], [3, 0]]),
  ]),
  add('constant', [4, 5], [[-1, -2], [0, -1]]),
  // Further than the picture is wide.
  add('reflect', [3, 2], [[5, 4], [0, 3]]),
  add('symmetric', [3, 2], [[7, 0], [1, 5]]),
  add('wrap', [3, 2], [[7, 1], [0, 5]]),
  add('edge', [3, 2], [[7, 1], [0, 5]]),
];
