import { fail } from '../../common/errors.js';
import type { FinetuneTarget } from '../steps/target.js';
import type { FinetuneConfig } from '../training-config.js';

/** How long a fine-tune is, in the words of the config: epochs, or steps in their place. */
export type Length = Pick<FinetuneConfig, 'epochs' | 'steps'>;

/**
 * Divides what adaptors alone take, a fine-tune of the config's length per level, between a network for all levels and adaptors on it: half to the
 * adaptors, all that is left to the network.
 *
 * @param given epochs that the method's options name; with either of them the sum is not held
 * @param where the method, for messages
 * @throws E_PIPELINE_CONFIG where a single epoch, or step, cannot be divided
 */
export function divide(
  { epochs, steps }: Length,
  levels: number,
  given: { networkEpochs?: number; adaptorEpochs?: number },
  where: string,
): Record<'network' | 'adaptor', Length> {
  const whole = steps ?? epochs;
  const own = Math.floor(whole / 2);
  const as = (count: number, named?: number): Length => {
    if (named !== undefined) return { epochs: named, steps: undefined };
    return steps === undefined ? { epochs: count, steps } : { epochs, steps: count };
  };
  if (own === 0 && (given.adaptorEpochs === undefined || given.networkEpochs === undefined)) {
    fail('E_PIPELINE_CONFIG', {
      where,
      expected: `fine-tunes of two ${steps === undefined ? 'epochs' : 'steps'} at least, to be divided between the network and the adaptors`,
      got: String(whole),
      todo: 'Lengthen finetune, or name networkEpochs and adaptorEpochs.',
    });
  }
  return { network: as(levels * (whole - own), given.networkEpochs), adaptor: as(own, given.adaptorEpochs) };
}

/** A target of another length. */
export function atLength(target: FinetuneTarget, length: Length): FinetuneTarget {
  const { settings } = target;
  return { ...target, settings: { ...settings, config: { ...settings.config, ...length } } };
}
