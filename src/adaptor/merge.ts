import { type Checkpoint, loadCheckpoint } from '../models/checkpoint.js';
import type { StateDict, StateValues } from '../models/state-dict.js';
import { type Adaptor, adaptorFiles, loadAdaptor } from './file.js';
import type { BaseValues } from './kinds/kind.js';
import { type AdaptorConfig, kindOf } from './kinds/registry.js';

/** Names of the base's tensors that an adaptor changes. */
export function changedBy(config: AdaptorConfig): string[] {
  return kindOf(config).changes(config);
}

/**
 * What stands in the place of the base's tensors, by their names and in the reference's layout.
 *
 * @param base of the adaptor, as `checkAdaptor` says
 */
export function mergedTensors({ config, state }: Adaptor, base: BaseValues): StateDict {
  return kindOf(config).merge(config, state, base);
}

/** An adaptor that goes a share of the way from its base to the given one, 0..1; 1 gives the same one. */
export function scaledAdaptor(adaptor: Adaptor, share: number, base: BaseValues): Adaptor {
  const { config, state } = adaptor;
  return share === 1 ? adaptor : { ...adaptor, state: kindOf(config).scale(config, state, share, base) };
}

/** A base with an adaptor merged into it, whole or by a share. */
export function withAdaptor(base: Checkpoint, adaptor: Adaptor, share = 1): Checkpoint {
  const own = (name: string): StateValues | undefined => base.state.get(name);
  return { ...base, state: new Map([...base.state, ...mergedTensors(scaledAdaptor(adaptor, share, own), own)]) };
}

/**
 * What a fine-tune of a base came to: the checkpoint in a folder, or the base with the folder's adaptor merged into it.
 *
 * @throws E_CHECKPOINT, E_ADAPTOR, E_ADAPTOR_BASE_MISMATCH and what else reading them throws
 */
export async function loadTuned(base: Checkpoint, folder: string): Promise<Checkpoint> {
  return adaptorFiles(folder) ? withAdaptor(base, await loadAdaptor(folder, base)) : loadCheckpoint(folder);
}
