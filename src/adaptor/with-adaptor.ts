import type { Checkpoint } from '../models/checkpoint.js';
import type { Adaptor } from './file.js';

/** A base with an adaptor's tensors in the place of its own. */
export function withAdaptor(base: Checkpoint, adaptor: Adaptor): Checkpoint {
  return { ...base, state: new Map([...base.state, ...adaptor.state]) };
}
