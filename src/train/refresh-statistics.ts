import { loadAdaptor, saveAdaptor } from '../adaptor/file.js';
import { changedBy, withAdaptor } from '../adaptor/merge.js';
import { loadCheckpoint, networkOf, saveCheckpoint, type Checkpoint } from '../models/checkpoint.js';
import type { ParameterInfo } from '../models/network.js';
import { stateDict, type StateDict } from '../models/state-dict.js';
import type { Openable } from './adaptations/adaptation.js';
import { tensors } from './adaptations/items.js';
import { whole } from './adaptations/whole.js';
import { runOf, type FinetuneOptions } from './finetune.js';
import { preciseStatistics, warnOfNoStatistics } from './precise-statistics.js';
import { prepareFit } from './prepare-fit.js';

/** Options of fine-tunes that have no say here. */
type OfTraining = 'split' | 'adapt' | 'resume' | 'force' | 'validate' | 'log' | 'storage' | 'statistics';

/** What {@link refreshStatistics} looks at; all else as the fine-tune was told. */
export interface RefreshOptions extends Omit<FinetuneOptions, OfTraining> {
  /** Folder of what was fine-tuned. */
  tuned: string;
  /** Whether that is a whole network, or an adaptor. */
  form: 'network' | 'adaptor';
}

/**
 * Writes into `out` what was fine-tuned, with the running statistics that it would have had from `statistics: 'precise'`: means over one more
 * epoch of the same images. Of an adaptor, those that are among its items. What is in `out` is written over.
 *
 * @throws E_CHECKPOINT, E_ADAPTOR, E_DISTORT_LEVEL, E_TRAIN_DATA, what reading the samples throws, and the signal's reason
 */
export async function refreshStatistics(options: RefreshOptions): Promise<void> {
  const { checkpoint, tuned, form, out } = options;
  const base = await loadCheckpoint(checkpoint);
  if (form === 'network') {
    const network = await loadCheckpoint(tuned);
    const { config } = network;
    const { state, parameters } = await refreshed(network, base, options, whole);
    const saved = { ...config, training: recorded(config.training) };
    await saveCheckpoint(out, saved, state, parameters, tuned);
  } else {
    const adaptor = await loadAdaptor(tuned, base);
    const { config } = adaptor;
    const changed = new Set(changedBy(config));
    const { state } = await refreshed(withAdaptor(base, adaptor), base, options, tensors(changed));
    // Tensors that are the adaptor's own stay.
    const own = [...adaptor.state].map(([name, values]) => [name, state.get(name) ?? values] as const);
    await saveAdaptor(out, { ...config, training: recorded(config.training) }, new Map(own));
  }
}

async function refreshed(
  checkpoint: Checkpoint,
  base: Checkpoint,
  options: RefreshOptions,
  adaptation: Openable,
): Promise<{ state: StateDict; parameters: readonly ParameterInfo[] }> {
  const run = await runOf(options, base);
  const network = networkOf(checkpoint);
  try {
    const fitOptions = { ...(await prepareFit(run, network)), adaptation };
    warnOfNoStatistics(fitOptions, options.warn);
    await preciseStatistics(fitOptions);
    return { state: stateDict(network), parameters: network.parameters };
  } finally {
    network.dispose();
  }
}

function recorded(training: Record<string, unknown>): Record<string, unknown> {
  return { ...training, settings: { ...(training['settings'] as object | undefined), statistics: 'precise' } };
}
