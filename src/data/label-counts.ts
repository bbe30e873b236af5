import { forEachParallel } from '../common/parallel.js';
import type { LabelMap } from '../image/pixels.js';
import type { Dataset, Sample } from './dataset.js';

/** What the label maps of a split, or of some of its samples, hold. */
export interface LabelCounts {
  split: string;
  /** Samples that there are, and label maps among them that were looked at. */
  samples: number;
  looked: number;
  /** Pixels of each id, `[256]`. */
  pixels: Float64Array;
  /** Ids of samples whose every pixel is ignored. */
  blank: string[];
}

/** Counts of nothing yet. */
export function emptyCounts(split: string, samples: number): LabelCounts {
  return { split, samples, looked: 0, pixels: new Float64Array(256), blank: [] };
}

/** Adds a label map. */
export function addLabel(counts: LabelCounts, id: string, { data }: LabelMap, ignore: number): void {
  const own = new Uint32Array(256);
  for (const value of data) own[value]! += 1;
  own.forEach((count, value) => (counts.pixels[value]! += count));
  counts.looked += 1;
  if (own[ignore] === data.length) counts.blank.push(id);
}

/** Label maps looked at before training at least, and pixels of them at most: a second or two, whatever the dataset's size. */
const [LEAST, MOST_PIXELS] = [16, 120e6];

/** Label maps decoded at a time. */
const AT_ONCE = 4;

/**
 * Looks at label maps spread over the samples until every class has occurred, or enough pixels were looked at; where not one of them is
 * labelled, at all.
 *
 * @throws what reading a label map throws, and the signal's reason
 */
export async function countLabels(
  dataset: Dataset,
  { split, samples, signal }: { split: string; samples: readonly Sample[]; signal?: AbortSignal },
): Promise<LabelCounts> {
  const { classes, ignore } = dataset;
  const counts = emptyCounts(split, samples.length);
  const isEnough = (): boolean => {
    const { pixels, looked } = counts;
    const isTaught = classes.some((_, id) => id !== ignore && pixels[id]! > 0);
    const isWhole = classes.every((_, id) => id === ignore || pixels[id]! > 0);
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
    async (sample) => addLabel(counts, sample.id, await dataset.readLabel(sample), ignore),
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
