import tf from '../common/tf.cjs';
import { fail } from '../common/errors.js';
import { sha256 } from '../common/files.js';
import { readWeights } from './import.js';
import { toTensorflow } from './layout.js';
import type { Network } from './network.js';
import { decodeSafetensors, toFloat32 } from './safetensors.js';
import { type StateDict, underOwnNames } from './state-dict.js';

/** Weights that training starts from in place of drawn ones, of a part of a network or of all of it. */
export interface FirstWeights {
  /** The file, for messages. */
  file: string;
  state: StateDict;
  /** Of the file. */
  hash: string;
}

/** @throws E_SAFETENSORS for a file that is missing or is none */
export async function readFirstWeights(file: string): Promise<FirstWeights> {
  const bytes = await readWeights(file);
  const { tensors } = decodeSafetensors(bytes, file);
  const state = new Map([...tensors].map(([name, tensor]) => [name, { shape: tensor.shape, data: toFloat32(tensor) }]));
  return { file, state, hash: sha256(bytes) };
}

/**
 * Puts them in the place of a network's own; tensors that the file does not have stay as they are. Names may be as an import takes them.
 *
 * @throws E_STATE for tensors that the network does not have, or not in this shape
 */
export function putFirstWeights(network: Network, { file, state: written }: FirstWeights): void {
  const state = underOwnNames(network, written, file);
  const known = new Map(network.parameters.map((parameter) => [parameter.name, parameter]));
  const faults = [...state].flatMap(([name, { shape }]) => {
    const own = known.get(name);
    if (!own) return [`the unknown ${name}`];
    return String(own.shape) === String(shape) ? [] : [`${name} [${shape}] instead of [${own.shape}]`];
  });
  if (faults.length > 0)
    fail('E_STATE', {
      where: file,
      expected: `tensors of ${network.spec.name}`,
      got: faults.slice(0, 6).join('; ') + (faults.length > 6 ? ` and ${faults.length - 6} more` : ''),
      todo: 'Give the tensors the names that gearnn model info shows.',
    });
  tf.tidy(() => {
    for (const [name, { data }] of state) {
      const parameter = known.get(name)!;
      parameter.variable.assign(tf.tensor(toTensorflow(data, parameter), parameter.variable.shape));
    }
  });
}
