import type { Call } from '../call.js';
import type { Tensor } from '../emitter.js';
import { sizeOf } from '../../onnx/tensor-data.js';
import { activated } from './activation.js';

/** What a fused operation does behind its product. */
export interface Fused {
  bias?: Tensor;
  activation?: string;
  /** Of a PReLU. */
  alpha?: Tensor;
}

/** Reads `fused_ops`, as `[BiasAdd, Relu]`; undefined for what TensorFlow.js knows no such operation of. */
export function fusedOf(call: Call, rest: readonly Tensor[]): Fused | undefined {
  const names = call.node.texts('fused_ops');
  const hasBias = names[0] === 'BiasAdd';
  const [activation, ...more] = hasBias ? names.slice(1) : names;
  if (more.length > 0) return undefined;
  const alpha = activation === 'Prelu' ? rest.at(-1) : undefined;
  return {
    ...(hasBias && { bias: rest[0] }),
    ...(activation !== undefined && { activation }),
    ...(alpha && { alpha }),
  };
}

/**
 * The value of a node that is a layer with what is fused to it.
 *
 * @param make the layer without its activation, as a value of the name that it is given
 */
export function withActivation(
  call: Call,
  { activation, alpha }: Fused,
  make: (name: string) => Tensor,
): Tensor | undefined {
  if (activation === undefined) return make(call.name);
  return activated(call, activation, make(call.emitter.unique(`${call.name}/linear`)), alpha);
}

/** A bias as a layer takes it, a list of a number per channel; undefined for a value that is none. */
export function biasOf(call: Call, bias: Tensor, channels: number): string | undefined {
  const { constant } = bias;
  const isList =
    constant?.type === 'float32' && sizeOf(constant.shape) === channels && constant.shape.at(-1) === channels;
  if (!isList) return undefined;
  if (constant.shape.length === 1) return call.emitter.ref(bias);
  return call.emitter.weight(bias, call.uses(bias.name) === 1, { ...constant, shape: [channels] }, 'bias');
}

/** A sum with a bias as part of the layer in front, where nothing else takes what that gives without it. */
export function addedBias(call: Call, x: Tensor, bias: Tensor): Tensor | undefined {
  const { unbiased } = x;
  if (!unbiased || call.uses(x.name) !== 1) return undefined;
  const name = biasOf(call, bias, unbiased.channels);
  if (name === undefined) return undefined;
  unbiased.node.input = [...unbiased.node.input.slice(0, 2), name];
  if (x.first !== undefined) {
    call.emitter.remove(x.name);
    return call.last(x.first);
  }
  unbiased.node.output = [call.name];
  return { name: call.name, kind: 'float32', rank: x.rank };
}
