import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { pairedInterval } from '../../src/eval/bootstrap.js';
import { accuracyMetric, type Ranks } from '../../src/tasks/classification/metric.js';
import type { ClassCounts } from '../../src/tasks/segmentation/class-counts.js';
import { iouMetric } from '../../src/tasks/segmentation/metric.js';
import { expectFailure } from '../support/failure.js';

/** scripts/fixtures/bootstrap.py makes it: two methods at two levels, and what scipy.stats.bootstrap says of them. */
const FIXTURE = JSON.parse(readFileSync(new URL('../fixtures/eval/bootstrap.json', import.meta.url), 'utf8')) as {
  images: number;
  classes: number;
  block: number;
  truth: number[];
  levels: { both: number[]; predicted: number[] }[][];
  difference: number;
  low: number;
  high: number;
};

const { images, classes, block } = FIXTURE;
const METRIC = iouMetric(classes, 255);
const PAIRS = FIXTURE.levels.map(
  (pair) =>
    pair.map(({ both, predicted }): ClassCounts[] =>
      Array.from({ length: images }, (_, image) => {
        const of = (numbers: number[]) => Float64Array.from(numbers.slice(image * classes, (image + 1) * classes));
        return { both: of(both), truth: of(FIXTURE.truth), predicted: of(predicted) };
      }),
    ) as [ClassCounts[], ClassCounts[]],
);

describe('eval: paired block bootstrap', () => {
  it('gives the difference and the interval that scipy.stats.bootstrap gives', () => {
    const { difference, low, high } = pairedInterval(METRIC, PAIRS, { block, resamples: 20_000, seed: 1 });
    expect(difference).to.be.closeTo(FIXTURE.difference, 1e-12);
    // Both draw at random: a twentieth of the interval's width is several standard errors of a percentile of 20,000 draws.
    const tolerance = (FIXTURE.high - FIXTURE.low) / 20;
    expect(low).to.be.closeTo(FIXTURE.low, tolerance);
    expect(high).to.be.closeTo(FIXTURE.high, tolerance);
  });

  it('is the same for the same seed, and wider for larger blocks of images that are alike', () => {
    const of = (options: { block: number; seed: number }) =>
      pairedInterval(METRIC, PAIRS, { resamples: 2000, ...options });
    expect(of({ block, seed: 3 })).to.deep.equal(of({ block, seed: 3 }));
    expect(of({ block, seed: 3 })).not.to.deep.equal(of({ block, seed: 4 }));
    const width = ({ low, high }: { low: number; high: number }): number => high - low;
    expect(width(of({ block, seed: 3 }))).to.be.above(1.5 * width(of({ block: 1, seed: 3 })));
  });

  it('is nothing but 0 between a method and itself', () => {
    const own = PAIRS.map(([first]): [ClassCounts[], ClassCounts[]] => [first, first]);
    const interval = pairedInterval(METRIC, own, { block, resamples: 100, seed: 1 });
    expect(interval).to.deep.equal({ difference: 0, low: 0, high: 0 });
  });

  it('refuses counts of other images', async () => {
    const other = PAIRS[0]![0].slice(1);
    const call = Promise.resolve().then(() =>
      pairedInterval(METRIC, [[PAIRS[0]![0], other]], { block, resamples: 100, seed: 1 }),
    );
    await expectFailure(call, 'E_SHAPE', `${images} images`);
  });

  it('of classes has the width that the variance of the difference of single images gives', () => {
    // The second is right on 20 images where the first is not, and wrong on 5 where the first is right: of 200 independent images.
    const ranks = (rank: number): Ranks => ({ truths: [1], ranks: [rank] });
    const [first, second] = [0, 1].map((which) =>
      Array.from({ length: 200 }, (_, i) => ranks(i < 20 ? 1 - which : i < 25 ? which : i % 2)),
    ) as [Ranks[], Ranks[]];
    const { difference, low, high } = pairedInterval(accuracyMetric(3), [[first, second]], {
      ...{ block: 1, resamples: 4000, seed: 1 },
    });
    expect(difference).to.be.closeTo(0.075, 1e-12);
    // var(d) = 25/200 - 0.075^2 per image, over 200 images; the normal interval is 1.96 deviations each way.
    const half = 1.96 * Math.sqrt((0.125 - 0.075 ** 2) / 200);
    expect(low).to.be.closeTo(0.075 - half, 0.006);
    expect(high).to.be.closeTo(0.075 + half, 0.006);
  });
});
