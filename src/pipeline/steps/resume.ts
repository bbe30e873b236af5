import { GearnnError } from '../../common/errors.js';

/** How a training call treats what is in its folder. */
export interface Resumption {
  resume: boolean;
  force: boolean;
}

/**
 * Goes on with an interrupted training run, or, where what it left is of no use to this version of gearnn, trains anew.
 *
 * @param resuming whether there may be something to go on with
 */
export async function resumeOrRestart<T>(resuming: boolean, train: (how: Resumption) => Promise<T>): Promise<T> {
  try {
    return await train({ resume: resuming, force: false });
  } catch (error) {
    if (!(error instanceof GearnnError) || error.code !== 'E_TRAIN_RESUME') throw error;
    return train({ resume: false, force: true });
  }
}
