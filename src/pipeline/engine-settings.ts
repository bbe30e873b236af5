import type { Engine } from '../engine/start.js';

/** What of an engine a result depends on to the bit. */
export function engineSettings({ name, precision, threads }: Engine) {
  return { name, precision, threads };
}
