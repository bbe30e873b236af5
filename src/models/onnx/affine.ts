import type { StateValues } from '../state-dict.js';
import type { GraphEditor, Source } from './edit.js';
import type { Node } from './model.js';
import type { Scaled } from './parameters.js';
import { sizeOf } from './tensor-data.js';

/** A layer's scale and what is added behind it, `y' = scale y + shift` of the output that the file has. */
export interface Affine {
  scale: Float32Array;
  shift: Float32Array;
}

/** A network's values by the names of its parameters. */
export type ValuesOf = (name: string) => StateValues;

/** What a layer's virtual parameters come to behind its node: where that adds a bias of its own, which is not scaled, the rest of it. */
export function affineOf({ node, scale, shift }: Scaled, editor: GraphEditor, values: ValuesOf): Affine {
  const factors = values(scale).data;
  if (shift !== undefined) return { scale: factors, shift: values(shift).data };
  const own = node.inputs[2];
  const bias = own ? values(editor.source(own).name).data : undefined;
  return {
    scale: factors,
    shift: factors.map((factor, i) => (bias && factor !== 1 ? bias[i]! - bias[i]! * factor : 0)),
  };
}

export function isNeutral({ scale, shift }: Affine): { scale: boolean; shift: boolean } {
  return { scale: scale.every((value) => value === 1), shift: shift.every((value) => value === 0) };
}

/** The weight of a layer, and its rank in the file. */
export function weightOf({ node }: Scaled, editor: GraphEditor): Source {
  return editor.source(node.inputs[1]!);
}

/** Shape of one number per output channel beside the layer's output. */
export function channelShape({ op }: Node, channels: number, rank: number): number[] {
  return op.startsWith('Conv') ? [channels, ...Array.from({ length: rank - 2 }, () => 1)] : [channels];
}

/** Weights, each times the scale of its output channel. */
export function scaledWeight(
  { op, attributes }: Node,
  { shape, data }: StateValues,
  scale: Float32Array,
): Float32Array {
  const [rows, columns] = shape as [number, number];
  const inside = sizeOf(shape.slice(2));
  const isTurned = op === 'ConvTranspose';
  const isInColumns = isTurned || op === 'MatMul' || attributes.get('transB') !== 1;
  const groups = isTurned ? Number(attributes.get('group') ?? 1) : 1;
  return data.map((value, i) => {
    const row = Math.floor(i / (columns * inside));
    const column = Math.floor(i / inside) % columns;
    // A turned convolution has one column per output channel of its group of rows.
    const channel = op === 'Conv' || !isInColumns ? row : Math.floor(row / (rows / groups)) * columns + column;
    return value * scale[channel]!;
  });
}
