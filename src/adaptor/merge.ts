import type { Checkpoint } from '../models/checkpoint.js';
import type { StateDict } from '../models/state-dict.js';
import type { Adaptor } from './file.js';
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

/** A base with an adaptor merged into it. */
export function withAdaptor(base: Checkpoint, adaptor: Adaptor): Checkpoint {
  return { ...base, state: new Map([...base.state, ...mergedTensors(adaptor, (name) => base.state.get(name))]) };
}
