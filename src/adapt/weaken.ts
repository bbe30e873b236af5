import { loadAdaptor, saveAdaptor } from '../adaptor/file.js';
import { scaledAdaptor } from '../adaptor/merge.js';
import type { Checkpoint } from '../models/checkpoint.js';

/**
 * Writes an adaptor that goes a share of the way from the base to another one.
 *
 * @param from folder of the whole adaptor
 * @param share 0..1
 */
export async function weaken(from: string, base: Checkpoint, share: number, out: string): Promise<void> {
  const whole = await loadAdaptor(from, base);
  const { config, state } = scaledAdaptor(whole, share, (name) => base.state.get(name));
  await saveAdaptor(out, { ...config, training: { ...config.training, share } }, state);
}
