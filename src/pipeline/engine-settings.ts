import type { Machine } from '../engine/machine.js';
import type { Engine } from '../engine/start.js';

/** An engine as steps are addressed by it. */
export interface AddressedEngine extends Engine {
  /** What it runs on, where results of other machines do not count. */
  machine?: Machine;
}

/**
 * What of an engine belongs to a step's address. Its threads and the machine's processor move a result in its last digits alone: stamps
 * have them, and addresses only where results of one kind of machine are asked for.
 */
export function engineSettings({ name, precision, threads, machine }: AddressedEngine) {
  if (!machine) return { name, precision };
  const { processor, gpu, version } = machine;
  return { name, precision, machine: { processor, gpu, version, threads } };
}
