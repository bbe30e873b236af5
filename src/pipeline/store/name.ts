import { addressOf, type Identity } from '../identity.js';

/** What a step's result is filed under. */
export function nameOf(identity: Identity): string {
  return `${identity.kind}-${addressOf(identity).slice(0, 16)}`;
}
