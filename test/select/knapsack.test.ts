import { expect } from 'chai';
import { Random } from '../../src/common/random.js';
import { knapsack } from '../../src/select/knapsack.js';
import type { KnapsackItem } from '../../src/select/knapsack-item.js';

/** Highest value that fits and, for that value, the least size, by trying every selection. */
function exhaustive(items: KnapsackItem[], capacity: number): { value: number; size: number } {
  let best = { value: 0, size: 0 };
  for (let selection = 0; selection < 2 ** items.length; selection++) {
    const taken = items.filter((_, i) => (selection >> i) & 1);
    const { value, size } = sums(taken);
    if (size > capacity) continue;
    const difference = value - best.value;
    if (difference > 1e-12 || (difference > -1e-12 && size < best.size)) best = { value, size };
  }
  return best;
}

function sums(items: KnapsackItem[]): { value: number; size: number } {
  return items.reduce((sum, item) => ({ value: sum.value + item.value, size: sum.size + item.size }), {
    value: 0,
    size: 0,
  });
}

function compare(instances: number, makeItem: (random: Random) => KnapsackItem): void {
  const random = Random.of(1, 'knapsack');
  for (let instance = 0; instance < instances; instance++) {
    const items = Array.from({ length: random.integer(13) }, () => makeItem(random));
    const capacity = random.integer(sums(items).size + 2);
    const chosen = knapsack(items, capacity);
    const result = sums(chosen.map((i) => items[i]!));
    const expected = exhaustive(items, capacity);
    const place = `instance ${instance}: ${JSON.stringify(items)}, capacity ${capacity}`;
    expect(result.value, place).to.be.closeTo(expected.value, 1e-9);
    expect(result.size, place).to.equal(expected.size);
    expect(chosen, place).to.deep.equal([...new Set(chosen)].sort((a, b) => a - b));
  }
}

describe('select: knapsack', () => {
  it('equals exhaustive search on 300 random instances of up to 12 items', () => {
    compare(300, (random) => ({ value: random.next(), size: random.integer(50) }));
  });

  it('equals exhaustive search where few values and sizes make many ties', () => {
    compare(300, (random) => ({ value: random.integer(4) / 10, size: random.integer(5) }));
  });

  it('equals exhaustive search where every value is in proportion to its size, so that no bound settles anything', () => {
    compare(200, (random) => {
      const size = 1 + random.integer(40);
      return { value: size * 0.1, size };
    });
  });

  it('takes fewer parameters for the same value', () => {
    expect(knapsack([item(1, 5), item(1, 4)], 5)).to.deep.equal([1]);
    expect(knapsack([item(2, 6), item(1, 2), item(1, 3)], 6)).to.deep.equal([1, 2]);
  });

  it('values that differ by the rounding of their sum are the same: 0.1 + 0.2 is no more than 0.3', () => {
    expect(knapsack([item(0.1, 2), item(0.2, 2), item(0.3, 3)], 4)).to.deep.equal([2]);
  });

  it('takes items of size 0 that are worth something, and none that are worth nothing', () => {
    expect(knapsack([item(0, 0), item(0.5, 0), item(0, 3), item(1, 4)], 3)).to.deep.equal([1]);
  });

  it('takes everything of value where all fits, and nothing of size where nothing does', () => {
    expect(knapsack([item(1, 2), item(3, 4)], 6)).to.deep.equal([0, 1]);
    expect(knapsack([item(1, 2), item(3, 4)], Infinity)).to.deep.equal([0, 1]);
    expect(knapsack([item(1, 2), item(3, 4)], 1)).to.deep.equal([]);
    expect(knapsack([], 10)).to.deep.equal([]);
  });

  it('solves 300 items with a capacity of 260,000 where value equals size, and fills it to the last unit', () => {
    const random = Random.of(2, 'knapsack');
    const items = Array.from({ length: 300 }, () => {
      const size = 1 + random.integer(5000);
      return item(size, size);
    });
    expect(sums(knapsack(items, 260_000).map((i) => items[i]!)).size).to.equal(260_000);
  });

  it('is better than taking by value per size where that wastes room', () => {
    expect(knapsack([item(10, 6), item(7.5, 5), item(7.5, 5)], 10)).to.deep.equal([1, 2]);
  });

  for (const [field, items, capacity] of [
    ['items[1].value', [item(1, 1), item(-1, 1)], 5],
    ['items[0].value', [item(Number.NaN, 1)], 5],
    ['items[0].value', [item(Infinity, 1)], 5],
    ['items[0].size', [item(1, -1)], 5],
    ['items[0].size', [item(1, Number.NaN)], 5],
    ['items[0].size', [item(1, 1.5)], 5],
    ['capacity', [item(1, 1)], -1],
    ['capacity', [item(1, 1)], Number.NaN],
  ] as const) {
    const bad = field === 'capacity' ? capacity : Object.values(items.at(-1)!).join(' of size ');
    it(`refuses ${field}: ${bad}`, () => {
      expect(() => knapsack(items, capacity)).to.throw(`knapsack.${field}: expected`);
    });
  }
});

function item(value: number, size: number): KnapsackItem {
  return { value, size };
}
