import { expect } from 'chai';
import { openDataset } from '../../src/data/registry.js';
import { formatSlice, parseSlice, sliceIds } from '../../src/data/slice.js';

describe('data: slices', () => {
  const rows: [string, ReturnType<typeof parseSlice>, string][] = [
    ['0:300', { split: 'train', start: 0, end: 300 }, 'train[:300]'],
    ['300:', { split: 'train', start: 300, end: undefined }, 'train[300:]'],
    [':300', { split: 'train', start: 0, end: 300 }, 'train[:300]'],
    ['50', { split: 'train', start: 0, end: 50 }, 'train[:50]'],
    ['val', { split: 'val', start: 0, end: undefined }, 'val'],
    ['val[3:5]', { split: 'val', start: 3, end: 5 }, 'val[3:5]'],
    ['train_2[7:]', { split: 'train_2', start: 7, end: undefined }, 'train_2[7:]'],
  ];
  for (const [text, slice, canonical] of rows) {
    it(`${text} is read, and written as ${canonical}`, () => {
      expect(parseSlice(text, 'train', '--samples')).to.deep.equal(slice);
      expect(formatSlice(slice)).to.equal(canonical);
      expect(parseSlice(canonical, 'other', '--samples')).to.deep.equal(slice);
    });
  }

  for (const text of ['', '5:5', '9:3', '-3:4', 'val[', 'val[3]', 'val[5:5]', '1:2:3', '0', 'a b:2']) {
    it(`"${text}" is refused`, () => {
      expect(() => parseSlice(text, 'train', '--samples'))
        .to.throw(/--samples: expected samples such as 0:300/)
        .with.property('code', 'E_USAGE');
    });
  }

  it("gives ids in the split's own order, up to its end", async () => {
    const dataset = await openDataset('scenes:1');
    expect(sliceIds(dataset, { split: 'val', start: 48, end: 60 }, '--validate')).to.deep.equal([
      'val/0048',
      'val/0049',
    ]);
  });

  it('beyond the end of the split is an error', async () => {
    const dataset = await openDataset('scenes:1');
    expect(() => sliceIds(dataset, { split: 'val', start: 50 }, '--validate'))
      .to.throw(/samples of val, which has 50, got val\[50:\]/)
      .with.property('code', 'E_USAGE');
    expect(() => sliceIds(dataset, { split: 'dusk', start: 0 }, '--validate'))
      .to.throw()
      .with.property('code', 'E_DATA_SPLIT');
  });
});
