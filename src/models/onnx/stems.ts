import type tf from '../../common/tf.cjs';
import type { Stem } from '../network.js';
import { placesOf } from '../stem-places.js';
import { channelsLast, inOrder } from './axes.js';
import type { Node } from './model.js';
import type { Scaled } from './parameters.js';
import type { Value } from './value.js';

/** A stem, and the node that computes it. */
export interface StemNode extends Stem {
  node: Node;
}

/**
 * The layers that read the picture itself, with no scale before theirs, that have a scale and a bias or shift of their own.
 *
 * @param nodes in the order in which they run
 * @param layers nodes with a scale of their own: normalizations, and what has it in their stead
 * @param isParameter whether a name is that of a parameter
 */
export function stemsOf(
  nodes: readonly Node[],
  layers: readonly Pick<Scaled, 'node' | 'scale' | 'shift'>[],
  input: string,
  isParameter: (name: string) => boolean,
): StemNode[] {
  const byNode = new Map(layers.map((one) => [one.node, one]));
  /** Values that depend on the picture, and on no scale. */
  const early = new Set([input]);
  const stems: StemNode[] = [];
  for (const node of nodes) {
    if (!node.inputs.some((name) => early.has(name))) continue;
    const layer = byNode.get(node);
    if (!layer) {
      for (const name of node.outputs) early.add(name);
      continue;
    }
    const { scale, shift = node.inputs[2] } = layer;
    if (shift !== undefined && isParameter(shift) && isUsedOnce(nodes, shift, node)) stems.push({ node, scale, shift });
  }
  return stems;
}

/** What a stem puts out, `[places, channels]`. */
export function stemOutput({ node }: StemNode, value: Value): tf.Tensor2D {
  const axes = node.op === 'MatMul' || node.op === 'Gemm' ? inOrder(value.rank) : channelsLast(value.rank);
  return placesOf(value.in(axes));
}

/** A bias that another layer adds as well is not a stem's alone. */
function isUsedOnce(nodes: readonly Node[], name: string, by: Node): boolean {
  return nodes.every((node) => node === by || !node.inputs.includes(name));
}
