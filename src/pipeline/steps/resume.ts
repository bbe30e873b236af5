import { GearnnError } from '../../common/errors.js';

/**
 * Goes on with an interrupted training run, or, where what it left is of no use to this version of gearnn, trains anew.
 *
 * @param resuming whether there may be something to go on with
 * @param train told whether to go on with what is in its folder, and whether to write over it
 */
export async function resumeOrRestart<T>(
  resuming: boolean,
  train: (how: { resume: boolean; force: boolean }) => Promise<T>,
): Promise<T> {
  try {
    return await train({ resume: resuming, force: false });
  } catch (error) {
    if (!(error instanceof GearnnError) || error.code !== 'E_TRAIN_RESUME') throw error;
    return train({ resume: false, force: true });
  }
}
