import { mergedTensors, scaledAdaptor } from '../adaptor/merge.js';
import { type CalibrationUse, type Served, Serving } from '../adaptor/serving.js';
import type { Checkpoint } from '../models/checkpoint.js';
import type { StateDict, StateValues } from '../models/state-dict.js';

/** What stands in the place of a base's tensors at a level; nothing where the base answers. */
export interface MergedLevel {
  level: string;
  state: StateDict;
}

/**
 * What answers at the levels of a folder's adaptors, merged: as its calibration says, where it has one.
 *
 * @param warn is told which adaptors were not calibrated, or have changed since
 * @throws E_ADAPTOR, E_ADAPTOR_BASE_MISMATCH, E_CALIBRATION
 */
export async function mergedLevels(
  folder: string,
  base: Checkpoint,
  { calibration, warn }: { calibration?: CalibrationUse; warn?: (message: string) => void } = {},
): Promise<MergedLevel[]> {
  const serving = await Serving.open(folder, base, calibration);
  const served = await serving.all();
  for (const note of serving.notes) warn?.(note);
  return served.map((one) => merged(one, base));
}

function merged({ level, adaptor, share }: Served, base: Checkpoint): MergedLevel {
  const own = (name: string): StateValues | undefined => base.state.get(name);
  return { level, state: adaptor ? mergedTensors(scaledAdaptor(adaptor, share, own), own) : new Map() };
}
