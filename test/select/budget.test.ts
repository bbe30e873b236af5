import { expect } from 'chai';
import { parseBudget } from '../../src/select/budget.js';

describe('select: budget', () => {
  it("0.2% of the paper's two networks is 31,814 and 52,045 parameters", () => {
    expect(parseBudget('0.2%', 15_907_139)).to.equal(31_814);
    expect(parseBudget('0.2%', 26_022_723)).to.equal(52_045);
  });

  it('percentages are exact in decimals, where 0.29 / 100 * 10,000 in doubles falls below 29', () => {
    expect(Math.floor((0.29 / 100) * 10_000)).to.equal(28);
    expect(parseBudget('0.29%', 10_000)).to.equal(29);
  });

  it('a plain number is a number of parameters, whatever the total', () => {
    expect(parseBudget('31814', 10)).to.equal(31_814);
    expect(parseBudget('0', 10)).to.equal(0);
    expect(parseBudget('100%', 10)).to.equal(10);
    expect(parseBudget('0%', 10)).to.equal(0);
  });

  for (const text of [
    '',
    '-1',
    '1.5',
    '101%',
    '100.01%',
    '0,2%',
    '1e3',
    'all',
    '%',
    '0.2 percent',
    '99999999999999999',
  ]) {
    it(`refuses "${text}"`, () => {
      expect(() => parseBudget(text, 1000)).to.throw(`got "${text}". Write for example 31814 or 0.2%.`);
    });
  }
});
