import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { pairedInterval } from '../../src/eval/bootstrap.js';
import { imageCounts, packCounts, unpackCounts, type ImageCounts } from '../../src/tasks/segmentation/image-counts.js';
import { ConfusionMatrix } from '../../src/tasks/segmentation/confusion.js';
import { scoresOf } from '../../src/tasks/segmentation/iou.js';
import { Random } from '../../src/common/random.js';
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
const PAIRS = FIXTURE.levels.map(
  (pair) =>
    pair.map(({ both, predicted }): ImageCounts => ({
      ...{ images, classes },
      both: Uint32Array.from(both),
      truth: Uint32Array.from(FIXTURE.truth),
      predicted: Uint32Array.from(predicted),
    })) as [ImageCounts, ImageCounts],
);

describe('eval: paired block bootstrap', () => {
  it('gives the difference and the interval that scipy.stats.bootstrap gives', () => {
    const { difference, low, high } = pairedInterval(PAIRS, { block, resamples: 20_000, seed: 1 });
    expect(difference).to.be.closeTo(FIXTURE.difference, 1e-12);
    // Both draw at random: a twentieth of the interval's width is several standard errors of a percentile of 20,000 draws.
    const tolerance = (FIXTURE.high - FIXTURE.low) / 20;
    expect(low).to.be.closeTo(FIXTURE.low, tolerance);
    expect(high).to.be.closeTo(FIXTURE.high, tolerance);
  });

  it('is the same for the same seed, and wider for larger blocks of images that are alike', () => {
    const of = (options: { block: number; seed: number }) => pairedInterval(PAIRS, { resamples: 2000, ...options });
    expect(of({ block, seed: 3 })).to.deep.equal(of({ block, seed: 3 }));
    expect(of({ block, seed: 3 })).not.to.deep.equal(of({ block, seed: 4 }));
    const width = ({ low, high }: { low: number; high: number }): number => high - low;
    expect(width(of({ block, seed: 3 }))).to.be.above(1.5 * width(of({ block: 1, seed: 3 })));
  });

  it('is nothing but 0 between a method and itself', () => {
    const own = PAIRS.map(([first]): [ImageCounts, ImageCounts] => [first, first]);
    expect(pairedInterval(own, { block, resamples: 100, seed: 1 })).to.deep.equal({ difference: 0, low: 0, high: 0 });
  });

  it('refuses counts of other images', async () => {
    const other = { ...PAIRS[0]![0], images: images - 1 };
    const call = Promise.resolve().then(() =>
      pairedInterval([[PAIRS[0]![0], other]], { block, resamples: 100, seed: 1 }),
    );
    await expectFailure(call, 'E_SHAPE', `${images} images`);
  });
});

describe('eval: counts per image', () => {
  const random = Random.of(8);
  const matrices = Array.from({ length: 7 }, () => {
    const confusion = new ConfusionMatrix(3);
    const draw = (): number[] => Array.from({ length: 400 }, () => random.integer(3));
    const labels = draw().map((id) => (random.next() < 0.1 ? 255 : id));
    confusion.add(labels, draw(), 255);
    return confusion;
  });

  it('add up to the IoU of all images', () => {
    const all = new ConfusionMatrix(3);
    for (const confusion of matrices) all.merge(confusion);
    const { both, truth, predicted } = imageCounts(matrices);
    const sum = (counts: Uint32Array, id: number): number =>
      counts.reduce((total, value, i) => total + (i % 3 === id ? value : 0), 0);
    const iou = [0, 1, 2].map((id) => sum(both, id) / (sum(truth, id) + sum(predicted, id) - sum(both, id)));
    expect(iou).to.deep.equal([...scoresOf(all).iou]);
  });

  it('are read back as they were packed, large ones too, in a few bytes each', async () => {
    const counts = imageCounts(matrices);
    expect(unpackCounts(packCounts(counts))).to.deep.equal(counts);
    const large = { images: 1, classes: 2, both: [5, 0], truth: [4e9, 0], predicted: [6, 2 ** 31] };
    const exact = {
      ...large,
      both: Uint32Array.from(large.both),
      truth: Uint32Array.from(large.truth),
      predicted: Uint32Array.from(large.predicted),
    };
    expect(unpackCounts(packCounts(exact))).to.deep.equal(exact);
    expect(packCounts(counts).answers.length).to.be.below(4 * 2 * 21);
    const damaged = Promise.resolve().then(() => unpackCounts({ ...packCounts(counts), answers: 'AAAA' }));
    await expectFailure(damaged, 'E_EVAL_COUNTS', '42 numbers');
  });
});
