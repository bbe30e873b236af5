import type { Flow } from './flow.js';
import type { Node } from './model.js';
import { sizeOf } from './tensor-data.js';

/** A convolution or a matrix product by constant weights. */
export interface Linear {
  /** Of its output. */
  channels: number;
  hasBias: boolean;
  /** Name of the bias that the next node adds. */
  addedBias?: string;
  /** Whether a batch normalization follows. */
  isNormalized: boolean;
}

/** What a node is as a linear layer; undefined where it is none, or where what it adds is no bias. */
export function linearOf(flow: Flow, node: Node): Linear | undefined {
  const channels = channelsOf(flow, node);
  if (channels === undefined) return undefined;
  const own = node.inputs[2];
  if (own !== undefined && own !== '' && !isBias(flow, node, own, channels)) return undefined;
  let next = flow.next(node.outputs[0]!);
  let addedBias: string | undefined;
  if (!own && next?.op === 'Add') {
    addedBias = next.inputs.find((name) => isBias(flow, node, name, channels));
    if (addedBias !== undefined) next = flow.next(next.outputs[0]!);
  }
  const hasBias = Boolean(own) || addedBias !== undefined;
  return { channels, hasBias, addedBias, isNormalized: next?.op === 'BatchNormalization' };
}

function channelsOf(flow: Flow, { op, inputs, attributes }: Node): number | undefined {
  if (!flow.isMoving(inputs[0] ?? '')) return undefined;
  const shape = flow.constant(inputs[1])?.constant.shape;
  if (!shape) return undefined;
  switch (op) {
    case 'Conv':
      return shape[0];
    case 'ConvTranspose':
      return shape[1]! * Number(attributes.get('group') ?? 1);
    case 'MatMul':
      return shape.length === 2 ? shape[1] : undefined;
    case 'Gemm':
      // A factor would have to go into the bias, too.
      if ((attributes.get('beta') ?? 1) !== 1) return undefined;
      return attributes.get('transB') === 1 ? shape[0] : shape[1];
    default:
      return undefined;
  }
}

/** Whether a constant has one value per output channel, in the place of their axis. */
function isBias(flow: Flow, { op, inputs }: Node, name: string, channels: number): boolean {
  const shape = flow.constant(name)?.constant.shape;
  if (!shape || sizeOf(shape) !== channels) return false;
  if (name === inputs[2] || op === 'MatMul' || op === 'Gemm') return (shape.at(-1) ?? 1) === channels;
  const rank = flow.constant(inputs[1])!.constant.shape.length;
  return shape.length <= rank && (shape.at(1 - rank) ?? 1) === channels;
}
