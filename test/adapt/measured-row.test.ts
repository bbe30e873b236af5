import { expect } from 'chai';
import { rowOf, surestOf } from '../../src/adapt/measured-row.js';
import { Random } from '../../src/common/random.js';
import { accuracyMetric } from '../../src/tasks/classification/metric.js';
import type { Metric } from '../../src/tasks/task.js';

const METRIC = accuracyMetric(3) as Metric<never, unknown>;
const FRAMES = 80;
const OPTIONS = { block: 1, resamples: 500 };

/** Frames of which a share is answered rightly, each by chance. */
function drawn(name: string, right: number): unknown[] {
  const random = Random.of(1, name);
  return Array.from({ length: FRAMES }, () => ({ truths: [0], ranks: [random.next() < right ? 0 : 2] }));
}
const candidate = (adaptor: string, right: number) => ({
  adaptor,
  share: 1,
  score: right,
  counts: drawn(adaptor, right),
});

const FIELDS = {
  ...{
    level: 'jpeg=5',
    score: 'top1',
    base: 0.5,
    candidates: 1,
    agreement: false,
    data: 'x',
    samples: 'val',
    hashes: {},
  },
};

describe('calibrate: which candidate serves', () => {
  const base = drawn('base', 0.5);

  it('the one that is most surely better', () => {
    const best = surestOf(METRIC, base, [candidate('a', 0.5), candidate('b', 0.8), candidate('c', 0.65)], OPTIONS);
    expect(best.adaptor).to.equal('b');
    const row = rowOf(best, FIELDS);
    expect(row).to.include({ adaptor: 'b', serves: true, images: FRAMES });
    expect(row.gain).to.be.within(0.2, 0.4);
    expect(row.low).to.be.within(0, row.gain);
  });

  it('none of many that are as good as the base, though the best of them looks better', () => {
    for (let round = 0; round < 8; round++) {
      const many = Array.from({ length: 6 }, (_, i) => candidate(`${round} ${i}`, 0.5));
      expect(rowOf(surestOf(METRIC, base, many, OPTIONS), FIELDS).serves, String(round)).to.equal(false);
    }
  });

  it('intervals are wider the more candidates there are', () => {
    const width = (count: number): number => {
      const same = Array.from({ length: count }, () => candidate('b', 0.8));
      const { low, high } = surestOf(METRIC, base, same, OPTIONS).interval;
      return high - low;
    };
    expect(width(6)).to.be.above(1.15 * width(1));
  });
});
