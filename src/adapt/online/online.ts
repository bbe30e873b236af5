import type { Precision } from '../../engine/precision.js';
import type { Predictor } from '../../eval/predictor.js';
import { wholeFramePredictor } from '../../eval/whole-frames.js';
import type { Network } from '../../models/network.js';
import type { Task } from '../../tasks/task.js';
import { recentStatistics, type RecentStatisticsSettings } from './recent-statistics.js';
import { requireAdaptable } from './require-adaptable.js';
import { tent, type TentSettings } from './tent.js';

/** A way to adapt while answering, without labels and without knowing levels, and its settings. */
export type Online = ({ adapts: 'recent-statistics' } & RecentStatisticsSettings) | ({ adapts: 'tent' } & TentSettings);

/**
 * A predictor that adapts to the frames as it answers them, in their order. It changes the network that it is given, which stays the caller's.
 *
 * @throws E_USAGE for a network without normalizations, or one that does not tell classes
 */
export function onlinePredictor<Answer>(
  network: Network,
  task: Task<unknown, Answer>,
  { adapts, ...settings }: Online,
  precision?: Precision,
): Predictor<Answer> {
  requireAdaptable(network, adapts);
  const outputs =
    adapts === 'tent'
      ? tent(network, settings as TentSettings, precision)
      : recentStatistics(network, settings as RecentStatisticsSettings, precision);
  return wholeFramePredictor(network, task, outputs);
}
