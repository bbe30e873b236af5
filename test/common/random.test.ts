import { expect } from 'chai';
import { Random } from '../../src/common/random.js';

describe('common: Random', () => {
  it('gives another sequence for each of 2,000 seeds and paths', () => {
    const starts = new Set<number>();
    for (let seed = 0; seed < 200; seed++) {
      for (let epoch = 0; epoch < 10; epoch++) starts.add(Random.of(seed, 'order', epoch).next());
    }
    expect(starts.size).to.equal(2000);
  });

  it('gives the same sequence for the same seed and path, and goes on from a saved state', () => {
    const [one, two] = [Random.of(7, 'a', 1), Random.of(7, 'a', 1)];
    expect([one.next(), one.next()]).to.deep.equal([two.next(), two.next()]);
    const resumed = new Random(one.state);
    expect(resumed.next()).to.equal(one.next());
  });

  it('is uniform: each tenth holds a tenth of 100,000 draws, within five standard deviations', () => {
    const random = new Random(3);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) counts[Math.floor(random.next() * 10)]!++;
    // sqrt(100000 x 0.1 x 0.9) = 95
    for (const count of counts) expect(count).to.be.within(10_000 - 475, 10_000 + 475);
  });

  it('permutes: every number once, in another order for another state', () => {
    const [one, two] = [new Random(1).permutation(50), new Random(2).permutation(50)];
    expect([...one].sort((a, b) => a - b)).to.deep.equal([...Array(50).keys()]);
    expect(one).not.to.deep.equal(two);
  });
});
