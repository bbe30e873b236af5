import { expect } from 'chai';
import { rowsOf } from '../../src/pipeline/estimate.js';
import type { Measured, Workload } from '../../src/pipeline/work/workload.js';

const work = (kind: string, images: number, more: Partial<Workload> = {}): Workload => ({
  ...{ kind, images, ...more },
  measure: () => Promise.reject(new Error('not measured here')),
});
const unit = (images: number, seconds: number, bytes?: number): Measured => ({ images, seconds, bytes, how: 'so' });

describe('pipeline: estimate', () => {
  it('counts whole batches of every pass, over all steps of a kind', () => {
    const works = [work('training', 10, { passes: 3 }), work('training', 9), work('training', 3)];
    // 3 passes of 2 batches of 4, 2 batches, and none.
    expect(rowsOf(works, new Map([['training', unit(4, 0.5)]]))).to.deep.equal([
      { kind: 'training', count: 8, secondsEach: 0.5, seconds: 4, bytes: null, how: 'so' },
    ]);
  });

  it('each level of a kind counts with its own measurement; a unit is shown with their mean', () => {
    const works = [work('copy', 10, { key: 'a' }), work('copy', 30, { key: 'b' })];
    const measured = new Map([
      ['a', unit(1, 1, 100)],
      ['b', unit(1, 3, 20)],
    ]);
    expect(rowsOf(works, measured)).to.deep.equal([
      { kind: 'copy', count: 40, secondsEach: 2.5, seconds: 100, bytes: 1600, how: 'so, at each of 2 levels' },
    ]);
  });

  it('what does not fit into memory has no figures, and says so', () => {
    const [row] = rowsOf([work('training', 10)], new Map([['training', 'does not fit into memory: OOM']]));
    expect(row).to.deep.equal({
      ...{ kind: 'training', count: null, secondsEach: null, seconds: null, bytes: null },
      how: 'does not fit into memory: OOM',
    });
  });
});
