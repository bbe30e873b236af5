import { expect } from 'chai';
import { overheadOf } from '../../src/select/overhead.js';

describe('overhead', () => {
  it("is the paper's Table 1, to the parameter", () => {
    expect(overheadOf('0.2%x10', 15_907_139)).to.deep.equal({
      original: 15_907_139,
      adaptive: 16_193_465,
      switching: 159_071_390,
    });
    expect(overheadOf('0.2%x7', 26_022_723)).to.deep.equal({
      original: 26_022_723,
      adaptive: 26_334_993,
      switching: 182_159_061,
    });
  });

  it('takes a number of parameters, too, and is nothing for one level', () => {
    expect(overheadOf('100x3', 1000)).to.deep.equal({ original: 1000, adaptive: 1200, switching: 3000 });
    expect(overheadOf('100x1', 1000)).to.deep.equal({ original: 1000, adaptive: 1000, switching: 1000 });
  });

  for (const text of ['', '0.2%', 'x10', '0.2%x0', '0.2%x', '0.2%x1.5']) {
    it(`"${text}" is refused with what would be right`, () => {
      expect(() => overheadOf(text, 1000)).to.throw('--overhead: expected a budget and a number of levels, BUDGETxN');
    });
  }

  it('a budget that is none is named', () => {
    expect(() => overheadOf('manyx10', 1000)).to.throw('expected a number of parameters or a percentage');
  });
});
