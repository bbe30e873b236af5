import { expect } from 'chai';
import { memoryTable } from '../../src/select/memory.js';
import { parseBudget } from '../../src/select/budget.js';

// Xie and Kim 2020, Table 1; budgets of 0.2% of all state, running statistics included.
const TABLE_1 = [
  {
    name: 'DRN-D-22, 10 JPEG qualities',
    total: 15_907_139,
    levels: 10,
    gearnn: 16_193_465,
    gearnnOverhead: '1.8',
    switching: 159_071_390,
    switchingOverhead: 900,
  },
  {
    name: 'DRN-D-38, 7 H.264 resolutions',
    total: 26_022_723,
    levels: 7,
    gearnn: 26_334_993,
    gearnnOverhead: '1.2',
    switching: 182_159_061,
    switchingOverhead: 600,
  },
];

describe('select: memory', () => {
  for (const { name, total, levels, ...expected } of TABLE_1) {
    it(`equals the paper's Table 1 for ${name}`, () => {
      const budget = parseBudget('0.2%', total);
      const [original, all, oneLess, switching] = memoryTable(total, [
        { name: 'original', resident: 'network', levels },
        { name: 'adaptor', resident: 'adaptors', levels, sizes: Array<number>(levels).fill(budget) },
        { name: 'switching', resident: 'networks', levels },
      ]);
      expect(original).to.deep.equal({ method: 'original', networks: 1, adaptors: 0, parameters: total, overhead: 0 });
      expect(oneLess).to.include({ networks: 1, adaptors: levels - 1, parameters: expected.gearnn });
      expect(oneLess!.overhead.toFixed(1)).to.equal(expected.gearnnOverhead);
      expect(all).to.include({ adaptors: levels, parameters: expected.gearnn + budget });
      expect(switching).to.include({ networks: levels, adaptors: 0, parameters: expected.switching });
      expect(switching!.overhead).to.equal(expected.switchingOverhead);
    });
  }

  it('counts what adaptors hold, and leaves out that of the level which the base serves', () => {
    const [all, oneLess] = memoryTable(1000, [
      { name: 'adaptor', resident: 'adaptors', levels: 3, sizes: [10, 20, 30], served: 1 },
    ]);
    expect(all).to.include({ adaptors: 3, parameters: 1060, overhead: 6 });
    expect(oneLess).to.include({ adaptors: 2, parameters: 1040, overhead: 4 });
  });

  it('of adaptors of one level has no row without it', () => {
    const rows = memoryTable(1000, [{ name: 'adaptor', resident: 'adaptors', levels: 1, sizes: [10] }]);
    expect(rows).to.deep.equal([{ method: 'adaptor', networks: 1, adaptors: 1, parameters: 1010, overhead: 1 }]);
  });
});
