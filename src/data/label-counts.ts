import { forEachParallel } from '../common/parallel.js';
import type { Dataset, Sample } from './dataset.js';

/** What the labels of a split, or of some of its samples, hold. */
export interface LabelCounts {
  split: string;
  /** Samples that there are, and labels among them that were looked at. */
  samples: number;
  looked: number;
  /** Pixels, or images, of each class id. */
  pixels: Float64Array;
  /** Ids of samples of which everything is ignored. */
  blank: string[];
}

/** Counts of nothing yet. */
export function emptyCounts(split: string, samples: number, classes: number): LabelCounts {
  return { split, samples, looked: 0, pixels: new Float64Array(Math.max(256, classes)), blank: [] };
}

/** Adds what a sample is labelled with, as `Targets.ids` gives it. */
export function addTarget(counts: LabelCounts, id: string, ids: ArrayLike<number>, ignore: number): void {
  const own = new Uint32Array(counts.pixels.length);
  for (let i = 0; i < ids.length; i++) own[ids[i]!]! += 1;
  own.forEach((count, value) => (counts.pixels[value]! += count));
  counts.looked += 1;
  if (own[ignore] === ids.length) counts.blank.push(id);
}

/** Labels looked at before training at least, and pixels of them at most: a second or two, whatever the dataset's size. */
const [LEAST, MOST_PIXELS] = [16, 120e6];

/** Labels read at a time. */
const AT_ONCE = 4;

/**
 * Looks at labels spread over the samples until every class has occurred, or enough pixels were looked at; where not one of them is
 * labelled, at all.
 *
 * @throws what reading a label throws, and the signal's reason
 */
export async function countLabels(
  dataset: Dataset,
  { split, samples, signal }: { split: string; samples: readonly Sample[]; signal?: AbortSignal },
): Promise<LabelCounts> {
  const { classes, ignore, targets } = dataset;
  const counts = emptyCounts(split, samples.length, classes.length);
  const isEnough = (): boolean => {
    const { pixels, looked } = counts;
    const isTaught = classes.some((_, id) => id !== ignore && pixels[id]! > 0);
    const isWhole = classes.every(({ unused }, id) => unused || id === ignore || pixels[id]! > 0);
    return isTaught && looked >= LEAST && (isWhole || pixels.reduce((sum, count) => sum + count) > MOST_PIXELS);
  };
  function* untilEnough(): Generator<Sample> {
    for (const sample of spread(samples)) {
      if (isEnough()) return;
      yield sample;
    }
  }
  await forEachParallel(
    untilEnough(),
    AT_ONCE,
    async (sample) => addTarget(counts, sample.id, targets.ids(await dataset.readTarget(sample)), ignore),
    signal,
  );
  return counts;
}

/** All of a list, in an order whose every beginning is spread over it. */
function* spread<T>(list: readonly T[]): Generator<T> {
  yield* list.slice(0, 1);
  let step = 1;
  while (step < list.length) step *= 2;
  for (; step >= 1; step /= 2) for (let i = step; i < list.length; i += 2 * step) yield list[i]!;
}
