import { loadAdaptor, saveAdaptor } from '../adaptor/file.js';
import { mergedTensors } from '../adaptor/merge.js';
import type { Checkpoint } from '../models/checkpoint.js';
import type { StateDict } from '../models/state-dict.js';

/**
 * Writes an adaptor of a split's items that goes a share of the way from the base to another one: `base + share (adaptor - base)`.
 *
 * @param from folder of the whole adaptor
 * @param share 0..1
 * @source Wortsman et al., Robust fine-tuning of zero-shot models (CVPR 2022): weights between a network and its fine-tune
 */
export async function weaken(from: string, base: Checkpoint, share: number, out: string): Promise<void> {
  const adaptor = await loadAdaptor(from, base);
  const state: StateDict = new Map(
    [...mergedTensors(adaptor, (name) => base.state.get(name))].map(([name, { shape, data }]) => {
      const before = base.state.get(name)!.data;
      return [name, { shape, data: data.map((value, i) => before[i]! + share * (value - before[i]!)) }];
    }),
  );
  const { config } = adaptor;
  await saveAdaptor(out, { ...config, training: { ...config.training, share } }, state);
}
