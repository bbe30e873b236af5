import { expect } from 'chai';
import { Random } from '../../src/common/random.js';
import { sampleBoxes } from '../../src/detect/sampler.js';

describe('detect: sampler', () => {
  const labels = Int8Array.from({ length: 400 }, (_, i) => (i % 10 === 0 ? 1 : i % 10 === 1 ? -1 : 0));

  it('draws no more objects than their share, and fills up with background', () => {
    const { positive, negative } = sampleBoxes(labels, { count: 64, positive: 0.25 }, new Random(1));
    expect([positive.length, negative.length]).to.deep.equal([16, 48]);
    expect(positive.every((i) => labels[i] === 1)).to.equal(true);
    expect(negative.every((i) => labels[i] === 0)).to.equal(true);
    expect(new Set([...positive, ...negative]).size).to.equal(64);
  });

  it('takes what there is where that is less', () => {
    const { positive, negative } = sampleBoxes([1, -1, 0, 0, -2], { count: 256, positive: 0.5 }, new Random(1));
    expect([positive, negative]).to.deep.equal([[0], [2, 3]]);
  });

  it('the same seed draws the same, and every box of a kind is drawn about equally often', () => {
    const options = { count: 40, positive: 0.5 };
    expect(sampleBoxes(labels, options, new Random(5))).to.deep.equal(sampleBoxes(labels, options, new Random(5)));
    const times = new Map<number, number>();
    const random = new Random(3);
    for (let draw = 0; draw < 400; draw++) {
      for (const i of sampleBoxes(labels, options, random).positive) times.set(i, (times.get(i) ?? 0) + 1);
    }
    // 20 of 40 in each draw: 200 times each, by chance within 10 (one standard deviation).
    expect(times.size).to.equal(40);
    for (const count of times.values()) expect(count).to.be.within(150, 250);
  });
});
