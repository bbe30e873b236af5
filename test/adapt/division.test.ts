import { expect } from 'chai';
import { divide } from '../../src/adapt/division.js';
import type { Dataset } from '../../src/data/dataset.js';
import { sliceIds, type Slice } from '../../src/data/slice.js';

function datasetOf(train: number, val: number): Dataset {
  const named = (part: string, count: number) => Array.from({ length: count }, (_, i) => ({ id: `${part}/${i}` }));
  const parts: Record<string, { id: string }[]> = { train: named('train', train), val: named('val', val) };
  return { spec: 'test', samples: (part: string) => parts[part]! } as unknown as Dataset;
}

describe('adapt: which pictures serve for what', () => {
  for (const [train, val] of [
    [4, 0],
    [24, 0],
    [3, 1],
    [95, 14],
    [1000, 100],
  ] as const) {
    it(`of ${train} and ${val}: every picture serves for one thing, and each thing has pictures`, () => {
      const dataset = datasetOf(train, val);
      const { counts, ...slices } = divide(dataset);
      const ids = (slice: Slice): string[] => sliceIds(dataset, slice, 'test');
      const parts = Object.entries(slices).map(([name, slice]) => [name, ids(slice)] as const);
      for (const [name, own] of parts)
        expect(own.length, name)
          .to.equal(counts[name as 'train'])
          .and.to.be.above(0);
      const all = parts.flatMap(([, own]) => own);
      expect(new Set(all).size)
        .to.equal(train + val)
        .and.to.equal(all.length);
    });
  }

  it('fewer than four pictures are refused', () => {
    expect(() => divide(datasetOf(3, 0)))
      .to.throw()
      .with.property('code', 'E_TRAIN_DATA');
  });
});
