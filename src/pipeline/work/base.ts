import type { Checkpoint } from '../../models/checkpoint.js';
import { createNetwork } from '../../models/registry.js';
import { stateDict } from '../../models/state-dict.js';
import { IMAGENET } from '../../models/preprocessing.js';
import { CLEAN } from '../../distort/level.js';
import { parseSchedule } from '../../train/schedule.js';
import type { TrainedBaseOptions } from '../steps/base.js';
import { parseSize } from '../steps/size.js';
import { measureRun } from './training.js';
import type { Work } from './work.js';

/** Training of a base; a unit is an optimizer step. */
export function baseWork(options: TrainedBaseOptions): Work {
  const { settings, images, seed, workers, engine } = options;
  return {
    kind: 'training step, base',
    images: images.count,
    passes: settings.epochs,
    measure: async ({ signal }) => {
      const { size, schedule } = settings;
      const texts = { size: parseSize(size), schedule: parseSchedule(schedule) };
      const place = { data: images.dataset.spec, samples: images.slice, level: CLEAN.text, checkpoint: '', out: '' };
      const base = freshBase(options);
      return measureRun(base, {}, { ...settings, ...texts, ...place, seed, workers, engine, signal });
    },
  };
}

/** The network of a base that is yet to be trained, with its first weights. */
export function freshBase({ settings, images, seed }: TrainedBaseOptions): Checkpoint {
  const { classes, ignore } = images.dataset;
  const { model: name, width, storage } = settings;
  const network = createNetwork({ name, classes: classes.length, width }, { seed });
  try {
    const config = { network: network.spec, classes: [...classes], ignore, preprocessing: IMAGENET, storage };
    const format = { format: 'gearnn-checkpoint', version: 1 } as const;
    return { folder: '', config: { ...format, ...config, training: {} }, state: stateDict(network), hash: '' };
  } finally {
    network.dispose();
  }
}
