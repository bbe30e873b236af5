import { expect } from 'chai';
import type { ItemTensor } from '../../src/select/item.js';
import { itemsOf, totalParameters } from '../../src/select/items.js';

/** A convolution without bias, its batch normalization, the classifier and the upsampler, as in DRN. */
const STATE: ItemTensor[] = [
  { name: 'base.0.0.weight', kind: 'weight', parameters: 432 },
  { name: 'base.0.1.weight', kind: 'weight', parameters: 16 },
  { name: 'base.0.1.bias', kind: 'bias', parameters: 16 },
  { name: 'base.0.1.running_mean', kind: 'running_mean', parameters: 16 },
  { name: 'base.0.1.running_var', kind: 'running_var', parameters: 16 },
  { name: 'seg.weight', kind: 'weight', parameters: 304 },
  { name: 'seg.bias', kind: 'bias', parameters: 19 },
  { name: 'up.weight', kind: 'fixed', parameters: 4864 },
];

describe('select: items', () => {
  it('each trainable tensor is an item, and the two running statistics of a layer are one', () => {
    expect(itemsOf(STATE)).to.deep.equal([
      { name: 'base.0.0.weight', tensors: ['base.0.0.weight'], size: 432 },
      { name: 'base.0.1.weight', tensors: ['base.0.1.weight'], size: 16 },
      { name: 'base.0.1.bias', tensors: ['base.0.1.bias'], size: 16 },
      { name: 'base.0.1.running', tensors: ['base.0.1.running_mean', 'base.0.1.running_var'], size: 32 },
      { name: 'seg.weight', tensors: ['seg.weight'], size: 304 },
      { name: 'seg.bias', tensors: ['seg.bias'], size: 19 },
    ]);
  });

  it('by layer, all tensors of a layer are one item', () => {
    expect(itemsOf(STATE, 'layer')).to.deep.equal([
      { name: 'base.0.0', tensors: ['base.0.0.weight'], size: 432 },
      {
        name: 'base.0.1',
        tensors: ['base.0.1.weight', 'base.0.1.bias', 'base.0.1.running_mean', 'base.0.1.running_var'],
        size: 64,
      },
      { name: 'seg', tensors: ['seg.weight', 'seg.bias'], size: 323 },
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
