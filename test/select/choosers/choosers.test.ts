import { expect } from 'chai';
import { Random } from '../../../src/common/random.js';
import type { ChoosableItem, Chooser } from '../../../src/select/choosers/chooser.js';
import { choosers, type ChooserName } from '../../../src/select/choosers/registry.js';
import { knapsack } from '../../../src/select/knapsack.js';

/** A small network: two convolutions with their normalizations, and a last layer with a bias. */
const NETWORK: ChoosableItem[] = [
  { name: 'a.weight', kind: 'weights', size: 9, value: 0.9 },
  { name: 'an.weight', kind: 'normalization', size: 2, value: 0.6 },
  { name: 'an.bias', kind: 'normalization', size: 2, value: 0.1 },
  { name: 'an.running', kind: 'statistics', size: 4, value: 2 },
  { name: 'b.weight', kind: 'weights', size: 20, value: 3 },
  { name: 'bn.weight', kind: 'normalization', size: 3, value: 0.3 },
  { name: 'bn.bias', kind: 'normalization', size: 3, value: 0 },
  { name: 'bn.running', kind: 'statistics', size: 6, value: 1.2 },
  { name: 'seg.weight', kind: 'weights', size: 8, value: 1 },
  { name: 'seg.bias', kind: 'weights', size: 1, value: 0.2 },
];

/** Whichever arguments a chooser needs. */
const choose = (name: ChooserName, items = NETWORK, capacity = 0, seed = 0): number[] =>
  (choosers[name] as Chooser).choose(items, capacity, seed);
const names = (chosen: number[]): string[] => chosen.map((index) => NETWORK[index]!.name);
const sizeOf = (items: readonly ChoosableItem[], chosen: number[]): number =>
  chosen.reduce((sum, index) => sum + items[index]!.size, 0);

function randomItems(random: Random): ChoosableItem[] {
  return Array.from({ length: 1 + random.integer(12) }, (_, i) => {
    const item = { name: `i${i}`, kind: 'weights' as const, size: random.integer(20), value: random.next() };
    return random.next() < 0.2 ? { ...item, value: 0 } : item;
  });
}

describe('select: choosers', () => {
  for (const [name, chooser] of Object.entries(choosers) as [string, Chooser][]) {
    it(`${name}: gives ascending indices, the same on every call${chooser.overBudget ? '' : ', within the budget'}`, () => {
      const random = Random.of(3, name);
      for (let i = 0; i < 100; i++) {
        const items = randomItems(random);
        const capacity = random.integer(60);
        const chosen = chooser.choose(items, capacity, 7);
        expect(chosen).to.deep.equal([...new Set(chosen)].sort((a, b) => a - b));
        expect(chooser.choose(items, capacity, 7)).to.deep.equal(chosen);
        if (!chooser.overBudget) expect(sizeOf(items, chosen)).to.be.at.most(capacity);
      }
    });
  }

  it('greedy: takes what has most value per parameter and still fits', () => {
    // Per parameter: an.running 0.5, an.weight 0.3, bn.running 0.2, seg.bias 0.2, b.weight 0.15, seg.weight 0.125.
    expect(names(choose('greedy', NETWORK, 21))).to.deep.equal([
      'an.weight',
      'an.running',
      'bn.running',
      'seg.weight',
      'seg.bias',
    ]);
  });

  it('greedy: is never better than the knapsack, and misses at least half of it never with the best single item', () => {
    const random = Random.of(5);
    let worse = 0;
    for (let i = 0; i < 300; i++) {
      const items = randomItems(random);
      const capacity = random.integer(60);
      const worth = (chosen: number[]): number => chosen.reduce((sum, index) => sum + items[index]!.value, 0);
      const [best, found] = [worth(knapsack(items, capacity)), worth(choose('greedy', items, capacity))];
      expect(found).to.be.at.most(best + 1e-12);
      const single = Math.max(0, ...items.filter(({ size }) => size <= capacity).map(({ value }) => value));
      // Dantzig's bound, whatever the instance.
      expect(Math.max(found, single)).to.be.at.least(best / 2 - 1e-12);
      if (found < best - 1e-9) worse++;
    }
    expect(worse).to.be.above(10);
  });

  it('random: leaves no room that an item would fit into, and other seeds choose otherwise', () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 20; seed++) {
      const chosen = choose('random', NETWORK, 25, seed);
      const room = 25 - sizeOf(NETWORK, chosen);
      NETWORK.forEach(({ size }, index) => expect(chosen.includes(index) || size > room).to.equal(true));
      seen.add(String(chosen));
    }
    expect(seen.size).to.be.above(10);
  });

  it('first-layers: takes items from the input on, and smaller ones further on into what is left', () => {
    expect(names(choose('first-layers', NETWORK, 18))).to.deep.equal([
      'a.weight',
      'an.weight',
      'an.bias',
      'an.running',
      'seg.bias',
    ]);
  });

  it('bn-statistics: takes the statistics of every normalization, whatever the budget', () => {
    expect(names(choose('bn-statistics'))).to.deep.equal(['an.running', 'bn.running']);
  });

  it('affine: takes scales and shifts of every normalization, and no statistics, whatever the budget', () => {
    expect(names(choose('affine'))).to.deep.equal(['an.weight', 'an.bias', 'bn.weight', 'bn.bias']);
  });

  it('bn: takes all of every normalization and nothing of other layers, whatever the budget', () => {
    expect(names(choose('bn'))).to.deep.equal([
      ...['an.weight', 'an.bias', 'an.running'],
      ...['bn.weight', 'bn.bias', 'bn.running'],
    ]);
  });

  it('learned: the knapsack without running statistics', () => {
    const rest = NETWORK.filter(({ kind }) => kind !== 'statistics');
    const best = knapsack(rest, 21).map((index) => rest[index]!.name);
    expect(names(choose('learned', NETWORK, 21))).to.deep.equal(best);
    expect(names(choose('learned', NETWORK, 100))).to.deep.equal(
      rest.filter(({ value }) => value > 0).map(({ name }) => name),
    );
  });

  it('convolutions: the knapsack without anything of a normalization', () => {
    expect(names(choose('convolutions', NETWORK, 30))).to.deep.equal(['b.weight', 'seg.weight', 'seg.bias']);
    expect(names(choose('convolutions', NETWORK, 100))).to.deep.equal([
      'a.weight',
      'b.weight',
      'seg.weight',
      'seg.bias',
    ]);
  });
});
