import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { forEachParallel } from '../../src/common/parallel.js';

describe('common: forEachParallel', () => {
  it('runs every item once, never more than `limit` at a time', async () => {
    const seen: number[] = [];
    let running = 0;
    let most = 0;
    await forEachParallel(Array.from({ length: 20 }, (_, i) => i).values(), 3, async (item) => {
      most = Math.max(most, ++running);
      await sleep(1);
      seen.push(item);
      running--;
    });
    expect(seen.sort((a, b) => a - b)).to.deep.equal(Array.from({ length: 20 }, (_, i) => i));
    expect(most).to.equal(3);
  });

  it('after a failure begins no more, awaits those under way, and throws the first', async () => {
    const begun: number[] = [];
    let ended = 0;
    const run = forEachParallel([0, 1, 2, 3, 4], 2, async (item) => {
      begun.push(item);
      await sleep(item === 0 ? 1 : 10);
      ended++;
      if (item < 2) throw new Error(`item ${item}`);
    });
    expect(await run.catch((error: Error) => error.message)).to.equal('item 0');
    expect(begun).to.deep.equal([0, 1]);
    expect(ended).to.equal(2);
  });

  it('after an abort begins no more, and throws its reason', async () => {
    const controller = new AbortController();
    const begun: number[] = [];
    const run = forEachParallel(
      [0, 1, 2, 3],
      1,
      async (item) => {
        begun.push(item);
        if (item === 1) controller.abort(new Error('enough'));
      },
      controller.signal,
    );
    expect(await run.catch((error: Error) => error.message)).to.equal('enough');
    expect(begun).to.deep.equal([0, 1]);
  });
});
