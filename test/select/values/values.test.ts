import { expect } from 'chai';
import { createSplit, type SplitOptions } from '../../../src/select/split.js';
import type { ItemTensor } from '../../../src/select/item.js';
import { sensitivity } from '../../../src/select/sensitivity.js';
import { values, type ValueName } from '../../../src/select/values/registry.js';

const state = (...tensors: [string, number[]][]) =>
  new Map(tensors.map(([name, data]) => [name, { shape: [data.length], data: Float32Array.from(data) }]));

const BASE = state(['w', [4, -4, 4, 4]], ['b', [0.5, -0.5]]);
const TUNED = state(['w', [5, -4, 4, 3]], ['b', [0.5, 0.25]]);
const ITEMS = [
  { name: 'w', tensors: ['w'], size: 4 },
  { name: 'b', tensors: ['b'], size: 2 },
];

describe('select: values of items', () => {
  const of = (name: ValueName): number[] =>
    sensitivity(BASE, TUNED, ITEMS, { value: values[name] }).map(({ value }) => value);

  // w moves by 1, 0, 0, 1; b by 0, 0.75.
  it('change is the mean absolute change', () => expect(of('change')).to.deep.equal([0.5, 0.375]));
  it('relative is that over the mean absolute weight', () => expect(of('relative')).to.deep.equal([0.125, 0.75]));
  it('total is the sum of absolute changes', () => expect(of('total')).to.deep.equal([2, 0.75]));

  it('relative stays finite where the weights are 0', () => {
    const item = [{ name: 'w', tensors: ['w'], size: 2 }];
    const value = (to: number[]): number =>
      sensitivity(state(['w', [0, 0]]), state(['w', to]), item, { value: values.relative })[0]!.value;
    expect(value([0, 0])).to.equal(0);
    expect(value([1, 0])).to.be.finite.and.above(1e6);
  });

  it('other values lead to another choice in the same knapsack', () => {
    const tensors: ItemTensor[] = [
      { name: 'w', role: 'weight', group: 'layer', size: 4 },
      { name: 'b', role: 'bias', group: 'layer', size: 2 },
    ];
    const options: SplitOptions = {
      parameters: tensors,
      base: BASE,
      tuned: TUNED,
      level: 'x=1',
      baseHash: 'h',
      budget: '4',
    };
    const chosen = (name: ValueName): string[] =>
      createSplit({ ...options, values: name }).items.map((item) => item.name);
    expect(chosen('change')).to.deep.equal(['w']);
    expect(chosen('relative')).to.deep.equal(['b']);
    expect(createSplit({ ...options, values: 'relative' })).to.include({ values: 'relative', value: 0.75 });
    // As before there were others, to the byte: its hash is part of addresses.
    expect(createSplit({ ...options, values: 'change', choose: 'knapsack' })).not.to.have.any.keys('values', 'chooser');
  });

  it('union takes the items whose mean value over all levels is the highest, at every level the same', () => {
    const tensors: ItemTensor[] = [
      { name: 'w', role: 'weight', group: 'layer', size: 2 },
      { name: 'b', role: 'bias', group: 'layer', size: 2 },
    ];
    const base = state(['w', [0, 0]], ['b', [0, 0]]);
    const [one, two] = [state(['w', [1, 1]], ['b', [2, 2]]), state(['w', [5, 5]], ['b', [3, 3]])];
    const at = (tuned: typeof one, other: typeof one) =>
      createSplit({
        ...{ parameters: tensors, base, level: 'x=1', baseHash: 'h', budget: '2', choose: 'union' },
        tuned,
        others: [{ tuned: other }],
      });
    const splits = [at(one, two), at(two, one)];
    expect(splits.map(({ items }) => items.map(({ name }) => name))).to.deep.equal([['w'], ['w']]);
    // The values in the file stay the level's own.
    expect(splits.map(({ value }) => value)).to.deep.equal([1, 5]);
    expect(
      createSplit({ ...{ parameters: tensors, base, tuned: one, level: 'x=1', baseHash: 'h', budget: '2' } }).items[0],
    ).to.include({ name: 'b' });
  });
});
