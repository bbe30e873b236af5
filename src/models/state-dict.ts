import tf from '../common/tf.cjs';
import { fail } from '../common/errors.js';
import { toReference, toTensorflow } from './layout.js';
import type { Network, Parameter } from './network.js';

/** Values of one state tensor. */
export interface StateValues {
  /** As PyTorch stores it: `[out, in, height, width]` for a convolution. */
  shape: number[];
  data: Float32Array;
}

/** A network's state by reference name, in the reference's order and layout. */
export type StateDict = Map<string, StateValues>;

/** What matching needs to know of a network's parameter. */
export type StateShape = Pick<Parameter, 'name' | 'role' | 'shape'>;

/** How far a file's fixed tensor may lie from the network's own. */
const FIXED_TOLERANCE = 1e-6;

/** Copies a network's state out. Nothing in it is shared with the network. */
export function stateDict(network: Network): StateDict {
  return new Map(
    network.parameters.map((parameter) => {
      const { name, shape, variable } = parameter;
      return [name, { shape: [...shape], data: toReference(variable.dataSync() as Float32Array, parameter) }];
    }),
  );
}

/**
 * Writes a state into a network: all of it, or, on an error, nothing.
 *
 * Names may carry a `module.` prefix or be those of an earlier version of the reference; `num_batches_tracked` is passed over. A fixed tensor (the bilinear upsampler) is
 * never written: it may be absent, and where it is there it must be the network's own.
 *
 * @param where the file, for messages
 * @throws E_STATE listing every missing, unknown and misshapen tensor; E_UPSAMPLER for a fixed tensor with other values
 */
export function loadStateDict(network: Network, state: StateDict, where = 'state'): void {
  const matched = matchState(network.parameters, underOwnNames(network, state, where), where);
  for (const { name, role, variable } of network.parameters) {
    const values = matched.get(name);
    if (role === 'fixed' && values) checkFixed(name, variable.dataSync() as Float32Array, values.data, where);
  }
  for (const parameter of network.parameters) {
    const { name, role, variable } = parameter;
    if (role === 'fixed') continue;
    const tensor = tf.tensor(toTensorflow(matched.get(name)!.data, parameter), variable.shape);
    variable.assign(tensor);
    tensor.dispose();
  }
}

/**
 * The values of a file under a network's own names, in its order.
 *
 * @param network every tensor of the network; fixed ones may be absent from the state
 * @throws E_STATE listing every missing, unknown and misshapen tensor
 */
export function matchState(network: readonly StateShape[], state: StateDict, where: string): StateDict {
  const known = new Set(network.map(({ name }) => name));
  const given = withCurrentNames(state, { known }, where);
  const missing = network.filter(({ name, role }) => role !== 'fixed' && !given.has(name)).map(({ name }) => name);
  const unknown = [...given.keys()].filter((name) => !known.has(name));
  const misshapen = network
    .filter(({ name, shape }) => given.has(name) && String(given.get(name)!.shape) !== String(shape))
    .map(({ name, shape }) => `${name} [${given.get(name)!.shape}] instead of [${shape}]`);
  const faults = [list('no', missing), list('the unknown', unknown), list('', misshapen)].filter((text) => text !== '');
  if (faults.length > 0) {
    fail('E_STATE', {
      where,
      expected: `the ${network.length} tensors of the network`,
      got: faults.join('; '),
      todo: 'Check the network, its width and the number of classes against the file.',
    });
  }
  return new Map(network.filter(({ name }) => given.has(name)).map(({ name }) => [name, given.get(name)!]));
}

/**
 * The values of a file under the names that a network gives them, as far as it has them: without `module.` in front and counts of batches.
 *
 * @throws E_STATE where a tensor is there under two names
 */
export function underOwnNames(
  network: Pick<Network, 'parameters' | 'renamed'>,
  state: StateDict,
  where: string,
): StateDict {
  const known = new Set(network.parameters.map(({ name }) => name));
  return withCurrentNames(state, { known, renamed: (name) => network.renamed?.(name) ?? name }, where);
}

interface Naming {
  /** The network's own names, which stay as they are. */
  known: ReadonlySet<string>;
  renamed?(name: string): string;
}

/** @throws E_STATE where a tensor is there under two names */
function withCurrentNames(state: StateDict, { known, renamed = (name) => name }: Naming, where: string): StateDict {
  const given: StateDict = new Map();
  const names = new Map<string, string>();
  const twice: string[] = [];
  for (const [written, values] of state) {
    const isKnown = known.has(written);
    if (written.endsWith('.num_batches_tracked') && !isKnown) continue;
    const name = isKnown ? written : renamed(written.replace(/^module\./, ''));
    const other = names.get(name);
    // The network's own name first.
    if (other !== undefined) twice.push(written === name ? `${written} and ${other}` : `${other} and ${written}`);
    names.set(name, written);
    given.set(name, values);
  }
  if (twice.length === 0) return given;
  return fail('E_STATE', {
    where,
    expected: 'each tensor under one name',
    got: list('both', twice),
    todo: 'Remove one of the two, where the file is written.',
  });
}

/** `no a, b and 5 more`; '' for nothing. */
function list(what: string, names: string[]): string {
  if (names.length === 0) return '';
  const shown = names.slice(0, 6).join(', ');
  return `${what} ${shown}${names.length > 6 ? ` and ${names.length - 6} more` : ''}`.trim();
}

function checkFixed(name: string, own: Float32Array, given: Float32Array, where: string): void {
  let farthest = 0;
  own.forEach((value, i) => (farthest = Math.max(farthest, Math.abs(value - given[i]!))));
  if (farthest <= FIXED_TOLERANCE) return;
  fail('E_UPSAMPLER', {
    where: `${where}: ${name}`,
    expected: 'the fixed bilinear kernel of the network',
    got: `values up to ${farthest.toPrecision(3)} away from it`,
    todo: 'A network that was trained with a learned upsampler cannot be used here.',
  });
}
