import { expect } from 'chai';
import { Slot } from '../../src/video/slot.js';

describe('slot between decoding and network', () => {
  it('holds one item, and the second waits until the first is taken', async () => {
    const slot = new Slot<number>(false);
    await slot.put(1);
    let placed = false;
    const second = slot.put(2).then(() => (placed = true));
    await new Promise(setImmediate);
    expect(placed).to.equal(false);
    expect(await slot.take()).to.equal(1);
    await second;
    expect(await slot.take()).to.equal(2);
    expect(slot.dropped).to.equal(0);
  });

  it('newest: the item that was not taken is replaced and counted', async () => {
    const slot = new Slot<number>(true);
    for (const item of [1, 2, 3]) await slot.put(item);
    expect(await slot.take()).to.equal(3);
    expect(slot.dropped).to.equal(2);
  });

  it('closed, what is left is still taken, then nobody waits', async () => {
    const slot = new Slot<number>(false);
    await slot.put(1);
    slot.close();
    expect([await slot.take(), await slot.take()]).to.deep.equal([1, undefined]);
    const empty = new Slot<number>(false);
    const waiting = empty.take();
    empty.close();
    expect(await waiting).to.equal(undefined);
  });
});
