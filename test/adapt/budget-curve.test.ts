import { expect } from 'chai';
import { budgetCurve, type LevelBudgets, smallestBudget } from '../../src/adapt/budget-curve.js';

const sizes = (...scores: [number, number]) =>
  scores.map((score, i) => ({ budget: ['1%', '2%'][i]!, parameters: [100, 200][i]!, score }));
const ROWS: LevelBudgets[] = [
  // Of .2 that the whole network wins, half and all.
  { level: 'jpeg=5', base: 0.4, whole: 0.6, needed: true, points: sizes(0.5, 0.6) },
  // The larger adaptor wins more than the whole network: .3 is what can be won. The smaller one loses, and the base would answer.
  { level: 'jpeg=10', base: 0.5, whole: 0.7, needed: true, points: sizes(0.4, 0.8) },
  { level: 'jpeg=90', base: 0.8, whole: 0.79, needed: false, points: [] },
];

describe('plan: how large adaptors have to be', () => {
  it('adds up what each size wins of what can be won, over the levels that need one', () => {
    const [small, large] = budgetCurve(ROWS);
    expect(small).to.include({ budget: '1%', parameters: 100 });
    expect(small!.share).to.be.closeTo(0.1 / 0.5, 1e-12);
    expect(large!.share).to.be.closeTo(1, 1e-12);
    expect(budgetCurve(ROWS.slice(2))).to.deep.equal([]);
  });

  it('takes the smallest that reaches the target, whatever the order, and none where none does', () => {
    const curve = budgetCurve(ROWS).reverse();
    expect(smallestBudget(curve, 0.19)?.budget).to.equal('1%');
    expect(smallestBudget(curve, 0.5)?.budget).to.equal('2%');
    expect(smallestBudget(curve.slice(1), 0.5)).to.equal(undefined);
  });
});
