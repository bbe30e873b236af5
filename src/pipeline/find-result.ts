import { differences, type Identity } from './identity.js';
import type { StepRecord } from './record.js';
import type { Stamp } from './stamp.js';
import type { Store } from './store/store.js';

/** What is found for a step. */
export type Found =
  | { state: 'cached'; stamp: Stamp }
  /** Only the record knows of it; `interrupted`: a run of it that did not end can go on. */
  | { state: 'recorded'; stamp: Stamp; interrupted: boolean }
  | { state: 'missing'; interrupted: boolean; why: string };

/** Looks for a step's result: in the store, then among results of steps whose files need not be there. */
export async function findResult(store: Store, record: StepRecord, identity: Identity): Promise<Found> {
  const stored = await store.find(identity);
  if (stored.state === 'cached') return stored;
  const { interrupted, damaged } = stored;
  const recorded = record.find(identity);
  if (recorded) return { state: 'recorded', stamp: recorded, interrupted };
  if (damaged !== undefined) return { state: 'missing', interrupted, why: `${damaged} is gone or changed` };
  if (interrupted) return { state: 'missing', interrupted, why: 'it did not end' };
  const before = (await store.latest(identity)) ?? record.latest(identity.id);
  return { state: 'missing', interrupted, why: before ? differences(before.step, identity) : 'it never ran' };
}
