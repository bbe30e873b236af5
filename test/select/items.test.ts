import { expect } from 'chai';
import type { ItemTensor } from '../../src/select/item.js';
import { itemsOf, kindsByName, totalParameters } from '../../src/select/items.js';

/** A convolution without bias, its batch normalization, the classifier and the upsampler, as in DRN. */
const STATE: ItemTensor[] = [
  { name: 'base.0.0.weight', role: 'weight', group: 'base.0.0', size: 432 },
  { name: 'base.0.1.weight', role: 'scale', group: 'base.0.1', size: 16 },
  { name: 'base.0.1.bias', role: 'shift', group: 'base.0.1', size: 16 },
  { name: 'base.0.1.running_mean', role: 'mean', group: 'base.0.1', size: 16 },
  { name: 'base.0.1.running_var', role: 'variance', group: 'base.0.1', size: 16 },
  { name: 'seg.weight', role: 'weight', group: 'seg', size: 304 },
  { name: 'seg.bias', role: 'bias', group: 'seg', size: 19 },
  { name: 'up.weight', role: 'fixed', group: 'up', size: 4864 },
];

describe('select: items', () => {
  it('each trainable tensor is an item, and the two running statistics of a layer are one', () => {
    expect(itemsOf(STATE)).to.deep.equal([
      { name: 'base.0.0.weight', tensors: ['base.0.0.weight'], size: 432, kind: 'weights' },
      { name: 'base.0.1.weight', tensors: ['base.0.1.weight'], size: 16, kind: 'normalization' },
      { name: 'base.0.1.bias', tensors: ['base.0.1.bias'], size: 16, kind: 'normalization' },
      {
        name: 'base.0.1.running',
        tensors: ['base.0.1.running_mean', 'base.0.1.running_var'],
        size: 32,
        kind: 'statistics',
      },
      { name: 'seg.weight', tensors: ['seg.weight'], size: 304, kind: 'weights' },
      { name: 'seg.bias', tensors: ['seg.bias'], size: 19, kind: 'weights' },
    ]);
  });

  it('by layer, all tensors of a layer are one item', () => {
    expect(itemsOf(STATE, 'layer')).to.deep.equal([
      { name: 'base.0.0', tensors: ['base.0.0.weight'], size: 432, kind: 'weights' },
      {
        name: 'base.0.1',
        tensors: ['base.0.1.weight', 'base.0.1.bias', 'base.0.1.running_mean', 'base.0.1.running_var'],
        size: 64,
        kind: 'normalization',
      },
      { name: 'seg', tensors: ['seg.weight', 'seg.bias'], size: 323, kind: 'weights' },
    ]);
  });

  it('by their names alone, items are of the kinds that a network would tell', () => {
    const items = itemsOf(STATE);
    expect(kindsByName(items.map(({ name }) => name))).to.deep.equal(items.map(({ kind }) => kind));
  });

  it('what an item is follows from roles and groups, whatever the names', () => {
    const renamed = STATE.map((parameter, i) => ({ ...parameter, name: `p${i}` }));
    expect(itemsOf(renamed).map(({ name, kind }) => [name, kind])).to.deep.equal([
      ['p0', 'weights'],
      ['p1', 'normalization'],
      ['p2', 'normalization'],
      ['base.0.1.running', 'statistics'],
      ['p5', 'weights'],
      ['p6', 'weights'],
    ]);
  });

  it('the fixed upsampler counts in the total, yet is in no item', () => {
    expect(totalParameters(STATE)).to.equal(5683);
    for (const granularity of ['tensor', 'layer'] as const) {
      const tensors = itemsOf(STATE, granularity).flatMap((item) => item.tensors);
      expect(tensors).to.have.members(STATE.map(({ name }) => name).filter((name) => name !== 'up.weight'));
    }
  });
});
