import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { collectGarbage } from '../../src/engine/collect-garbage.js';

const held = (): number => process.memoryUsage().arrayBuffers;

/** What other tests of this process left is freed by threads of V8's own, a little later. */
async function settled(): Promise<number> {
  for (let last = NaN; ;) {
    collectGarbage();
    await sleep(50);
    const now = held();
    if (now === last) return now;
    last = now;
  }
}

describe('engine: collectGarbage', () => {
  it('frees the bytes of arrays that nothing holds, keeps those that something does, and leaves no gc behind', async () => {
    const before = await settled();
    const kept = new Uint8Array(8 << 20).fill(1);
    // In a function of its own: what its frame holds is gone when it returns.
    (() => new Uint8Array(32 << 20).fill(1))();
    expect(held() - before).to.be.at.least(40 << 20);
    collectGarbage();
    expect(held() - before).to.be.within(8 << 20, 16 << 20);
    expect(kept[0]).to.equal(1);
    expect(globalThis).not.to.have.property('gc');
  });
});
