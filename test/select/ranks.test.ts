import { expect } from 'chai';
import { spreadRanks } from '../../src/select/ranks.js';

// Per rank: a 3·9 + 4 = 31, b 4·9 + 8 = 44, c 8 + 2 = 10.
const STATE = [
  { name: 'a.weight', role: 'weight' as const, layout: 'conv' as const, shape: [4, 3, 3, 3] },
  { name: 'an.weight', role: 'scale' as const, layout: 'plain' as const, shape: [4] },
  { name: 'b.weight', role: 'weight' as const, layout: 'conv' as const, shape: [8, 4, 3, 3] },
  { name: 'c.weight', role: 'weight' as const, layout: 'conv' as const, shape: [2, 8, 1, 1] },
  { name: 'c.bias', role: 'bias' as const, layout: 'plain' as const, shape: [2] },
  { name: 'up.weight', role: 'fixed' as const, layout: 'plain' as const, shape: [2, 1, 16, 16] },
];
const spread = (budget: number) => spreadRanks(STATE, budget).map(({ name, rank, size }) => [name, rank, size]);

describe('select: ranks', () => {
  it('go round from the input on, one each, while they fit', () => {
    expect(spread(85)).to.deep.equal([
      ['a.weight', 1, 31],
      ['b.weight', 1, 44],
      ['c.weight', 1, 10],
    ]);
    expect(spread(84)).to.deep.equal([
      ['a.weight', 1, 31],
      ['b.weight', 1, 44],
    ]);
    expect(spread(118)).to.deep.equal([
      ['a.weight', 2, 62],
      ['b.weight', 1, 44],
      ['c.weight', 1, 10],
    ]);
    expect(spread(9)).to.deep.equal([]);
  });

  it('end where the factors would hold more than the weight', () => {
    // a 108 / 31 = 3, b 288 / 44 = 6, c 16 / 10 = 1.
    expect(spread(1e6)).to.deep.equal([
      ['a.weight', 3, 93],
      ['b.weight', 6, 264],
      ['c.weight', 1, 10],
    ]);
  });
});
