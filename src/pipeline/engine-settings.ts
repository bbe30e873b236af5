import type { Engine } from '../engine/start.js';

/**
 * What of an engine belongs to a step's address. Its threads and the machine's processor move a result in its last digits alone: stamps
 * have them.
 */
export function engineSettings({ name, precision }: Engine) {
  return { name, precision };
}
