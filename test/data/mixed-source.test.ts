import { expect } from 'chai';
import { BatchLoader, type BatchOptions } from '../../src/data/batches.js';
import { mixedSource } from '../../src/data/mixed-source.js';
import { loadSource, openSource } from '../../src/data/source.js';
import { parseLevel } from '../../src/distort/level.js';
import { distortedSource } from '../../src/distort/source.js';

const SPEC = 'scenes:5@16x24';
const LEVELS = ['jpeg=5', 'brightness=0.5', 'brightness=2'];
const SOURCES = [...LEVELS.map((level) => distortedSource(SPEC, parseLevel(level)))];
const COUNT = 8;

/** Ids of every batch of some epochs, `SAMPLE@LEVEL`. */
async function idsOf(epochs: number[], changes: Partial<BatchOptions> = {}, start = 0): Promise<string[][]> {
  const source = mixedSource(SOURCES);
  const all = (await loadSource(source)).samples('train').slice(0, COUNT * LEVELS.length);
  const options = { source, split: 'train', samples: all.map(({ id }) => id), batch: 2, seed: 1, shuffle: true };
  const loader = await BatchLoader.open({ ...options, variants: LEVELS.length, ...changes });
  try {
    const ids: string[][] = [];
    for (const epoch of epochs) for await (const batch of loader.epoch(epoch, start)) ids.push(batch.ids);
    return ids;
  } finally {
    await loader.close();
  }
}

describe('data: a mixed source', function () {
  this.timeout(60_000);

  it('has every sample of every source, those of one sample one after another', async () => {
    const mixed = await loadSource(mixedSource(SOURCES));
    const own = (await loadSource(openSource(SPEC))).samples('train');
    const ids = mixed.samples('train').map(({ id }) => id);
    expect(ids.slice(0, 4)).to.deep.equal([`${own[0]!.id}@0`, `${own[0]!.id}@1`, `${own[0]!.id}@2`, `${own[1]!.id}@0`]);
    expect(ids).to.have.length(3 * own.length);
  });

  it('reads each from its own source, with the same labels', async () => {
    const mixed = await loadSource(mixedSource(SOURCES));
    for (const [number, source] of SOURCES.entries()) {
      const single = await loadSource(source);
      const sample = mixed.samples('train')[number]!;
      const own = single.samples('train')[0]!;
      expect((await mixed.readImage(sample)).data).to.deep.equal((await single.readImage(own)).data);
      expect((await mixed.readLabel(sample)).data).to.deep.equal((await single.readLabel(own)).data);
    }
  });

  it('an epoch has each sample once, at a level drawn anew in every epoch', async () => {
    const [one, two] = [(await idsOf([0])).flat(), (await idsOf([1])).flat()];
    const plain = (ids: string[]): string[] => ids.map((id) => id.split('@')[0]!).sort();
    expect(new Set(plain(one)).size).to.equal(COUNT);
    expect(plain(one)).to.deep.equal(plain(two));
    expect([...one].sort()).not.to.deep.equal([...two].sort());
    const drawn = (await idsOf([0, 1, 2, 3, 4, 5, 6, 7])).flat().map((id) => id.split('@')[1]);
    // 64 draws of three levels: each about 21 times.
    for (const level of ['0', '1', '2']) expect(drawn.filter((other) => other === level).length).to.be.within(10, 33);
  });

  it('what it draws follows from seed and epoch alone: not from workers, nor from where an epoch is taken up', async () => {
    const whole = await idsOf([2]);
    expect(await idsOf([2], { workers: 2 })).to.deep.equal(whole);
    expect(await idsOf([2], {}, 2)).to.deep.equal(whole.slice(2));
    expect(await idsOf([2], { seed: 2 })).not.to.deep.equal(whole);
  });
});
