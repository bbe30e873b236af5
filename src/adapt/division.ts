import { fail } from '../common/errors.js';
import type { Dataset } from '../data/dataset.js';
import type { Slice } from '../data/slice.js';

/** Which pictures serve for what; none serves for two. */
export interface Division {
  /** Trained on. */
  train: Slice;
  /** Decide the rate, the number of steps and whether an adaptor is kept: a tenth at the end of `train`, so that frames of one scene stay together. */
  choose: Slice;
  /** Say what it came to. */
  measure: Slice;
  counts: { train: number; choose: number; measure: number };
}

/** Fewest pictures that can be told apart into what to train on, to choose by and to measure on. */
const FEWEST = 4;

/**
 * Divides a dataset by its own parts `train` and `val`. Where `val` is empty, as of few pictures it may be, another tenth of `train` stands for it.
 *
 * @throws E_TRAIN_DATA where there are too few pictures, E_DATA_SPLIT where there is no part of that name
 */
export function divide(dataset: Dataset): Division {
  const all = dataset.samples('train').length;
  const measured = dataset.samples('val').length;
  if (all + measured < FEWEST) {
    fail('E_TRAIN_DATA', {
      where: dataset.spec,
      expected: `${FEWEST} pictures or more`,
      got: `${all + measured}`,
      todo: 'Give more pictures: a hundred that differ are a good start.',
    });
  }
  const tenth = Math.max(1, Math.round(all / 10));
  const left = measured === 0 ? all - tenth : all;
  const train = left - tenth;
  return {
    train: { split: 'train', start: 0, end: train },
    choose: { split: 'train', start: train, end: left },
    measure: measured === 0 ? { split: 'train', start: left } : { split: 'val', start: 0 },
    counts: { train, choose: tenth, measure: measured === 0 ? tenth : measured },
  };
}
