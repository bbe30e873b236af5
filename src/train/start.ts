import { loadAdaptor } from '../adaptor/file.js';
import { mergedTensors } from '../adaptor/merge.js';
import { canonicalJson, sha256 } from '../common/files.js';
import type { Checkpoint } from '../models/checkpoint.js';
import { loadStateDict, stateDict, type StateDict } from '../models/state-dict.js';
import { alignedStems } from './align-stems.js';
import { adaptationOf, type FitOptions } from './fit-options.js';
import type { RunMeans } from './run-means.js';

/** Names the start from aligned first layers; a folder of that name is `./aligned`. */
export const ALIGNED = 'aligned';

/** Values that training starts from in place of the base's, as far as they are among those that are trained. */
export interface StartingPoint {
  /** What the outcome depends on by it. */
  hash: string;
  /** Puts them into the network that is to be trained, which holds the base's values. */
  put(options: FitOptions): Promise<void>;
}

/**
 * Where training starts from: {@link ALIGNED}, or the folder of an adaptor of the base.
 *
 * @throws E_ADAPTOR and what else `loadAdaptor` throws
 */
export async function startOf(
  start: string,
  base: Checkpoint,
  { warn }: Pick<RunMeans, 'warn'>,
): Promise<StartingPoint> {
  if (start === ALIGNED) {
    return { hash: ALIGNED, put: async (options) => putInto(options, await alignedStems(options), warn) };
  }
  const adaptor = await loadAdaptor(start, base);
  const values = mergedTensors(adaptor, (name) => base.state.get(name));
  return {
    hash: sha256(canonicalJson([...values].map(([name, { data }]) => [name, [...data]]))).slice(0, 16),
    put: (options) => Promise.resolve(putInto(options, values, warn)),
  };
}

/** Values of tensors that are not trained stay the base's. */
function putInto(options: FitOptions, values: StateDict, warn: RunMeans['warn']): void {
  const { network } = options;
  const { changes } = adaptationOf(options);
  const trained = [...values].filter(([name]) => changes.has(name));
  if (trained.length === 0) warn?.('training starts from the base: nothing that it is to start from is trained');
  loadStateDict(network, new Map([...stateDict(network), ...trained]));
}
