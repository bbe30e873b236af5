import { expect } from 'chai';
import { blocksOf } from '../../src/report/charts/blocks.js';

describe('report: parts of a network', () => {
  it('are the first two words of items’ names where the second is a number, else the first', () => {
    const names = ['base.0.0.weight', 'base.0.1.running', 'base.1.0.weight', 'seg.weight', 'seg.bias'];
    expect(blocksOf(names)).to.deep.equal([
      { name: '0', start: 0, end: 2 },
      { name: '1', start: 2, end: 3 },
      { name: 'seg', start: 3, end: 5 },
    ]);
  });

  it('keep their whole names where numbered parts have several stems', () => {
    expect(blocksOf(['layer1.0.conv.weight', 'layer2.0.conv.weight']).map(({ name }) => name)).to.deep.equal([
      'layer1.0',
      'layer2.0',
    ]);
  });
});
