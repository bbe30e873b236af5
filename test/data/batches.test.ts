import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BatchLoader, type Batch, type BatchOptions } from '../../src/data/batches.js';
import { openSource } from '../../src/data/source.js';
import { expectFailure } from '../support/failure.js';
import { moduleUrl } from '../support/programs.js';
import { temporaryFolder } from './support/folders.js';
import type { NumberedArguments } from './support/sources/numbered.js';

const open: BatchLoader[] = [];

/** A loader that is closed after the test. */
async function openLoader(options: Partial<BatchOptions>): Promise<BatchLoader> {
  const source = openSource('scenes:1@16x32');
  const loader = await BatchLoader.open({ source, split: 'train', batch: 2, seed: 1, shuffle: false, ...options });
  open.push(loader);
  return loader;
}

function numbered(args: NumberedArguments): BatchOptions['source'] {
  return { module: moduleUrl('./support/sources/numbered', import.meta.url).href, args };
}

async function take(batches: AsyncIterable<Batch>, count = Infinity): Promise<Batch[]> {
  const taken: Batch[] = [];
  for await (const batch of batches) {
    taken.push(batch);
    if (taken.length === count) break;
  }
  return taken;
}

afterEach(() => Promise.all(open.splice(0).map((loader) => loader.close())));

describe('data: BatchLoader', () => {
  const folder = temporaryFolder();

  it('gives every sample once, in order and in full batches but the last', async () => {
    const loader = await openLoader({ source: numbered({ count: 7 }), batch: 3 });
    const batches = await take(loader.epoch(0));
    expect(batches.map(({ ids }) => ids)).to.deep.equal([['0', '1', '2'], ['3', '4', '5'], ['6']]); // prettier-ignore
    expect(batches.map(({ index }) => index)).to.deep.equal([0, 1, 2]);
    const { images, targets, batch, height, width } = batches[1]!;
    expect([batch, height, width]).to.deep.equal([3, 4, 4]);
    expect([...images]).to.deep.equal([3, 4, 5].flatMap((number) => Array<number>(48).fill(number)));
    expect([...targets['labels']!.data]).to.deep.equal([3, 4, 5].flatMap((number) => Array<number>(16).fill(number)));
    expect([loader.batchesPerEpoch, loader.sampleCount]).to.deep.equal([3, 7]);
  });

  it('leaves out a last batch that is not full where asked to', async () => {
    const loader = await openLoader({ source: numbered({ count: 7 }), batch: 3, dropLast: true });
    expect((await take(loader.epoch(0))).map(({ batch }) => batch)).to.deep.equal([3, 3]);
    expect(loader.batchesPerEpoch).to.equal(2);
  });

  it('keeps the order although later samples are read sooner', async () => {
    const loader = await openLoader({
      source: numbered({ count: 6, slow: { 0: 150, 3: 80 } }),
      batch: 1,
      workers: 2,
      ahead: 5,
    });
    expect((await take(loader.epoch(0))).flatMap(({ ids }) => ids)).to.deep.equal(['0', '1', '2', '3', '4', '5']);
  });

  it('takes the samples that are named, in their order', async () => {
    const loader = await openLoader({ source: numbered({ count: 9 }), samples: ['8', '2', '5'] });
    expect((await take(loader.epoch(0))).map(({ ids }) => ids)).to.deep.equal([['8', '2'], ['5']]);
  });

  it('shuffles anew in every epoch, every sample once', async () => {
    const loader = await openLoader({ source: numbered({ count: 20 }), batch: 4, shuffle: true });
    const orders = await Promise.all(
      [0, 1].map(async (epoch) => (await take(loader.epoch(epoch))).flatMap(({ ids }) => ids)),
    );
    expect(orders[0]).not.to.deep.equal(orders[1]);
    for (const order of orders) expect(order.map(Number).sort((a, b) => a - b)).to.deep.equal([...Array(20).keys()]);
  });

  describe('what a batch holds', () => {
    const augment = { crop: [12, 20] as [number, number], scale: [0.7, 1.5] as [number, number], flip: true };
    const samples = Array.from({ length: 9 }, (_, i) => `train/000${i}`);
    const options = { samples, shuffle: true, augment, seed: 5 };
    let reference: Batch[];

    before(async () => {
      reference = await take((await openLoader(options)).epoch(3));
      expect(reference.length).to.equal(5);
    });

    it('is the same whatever the number of workers, the batches ahead and the room for decoded samples', async () => {
      const loader = await openLoader({ ...options, workers: 3, ahead: 1, cacheBytes: 3000 });
      expect(await take(loader.epoch(3))).to.deep.equal(reference);
    });

    it('is the same with samples decoded before as with samples decoded now', async () => {
      const loader = await openLoader(options);
      await take(loader.epoch(2));
      expect(await take(loader.epoch(3))).to.deep.equal(reference);
    });

    it('is the same where a run is resumed within the epoch', async () => {
      const loader = await openLoader(options);
      expect(await take(loader.epoch(3, 2))).to.deep.equal(reference.slice(2));
    });

    it('differs with the seed, and with the epoch although the samples come in one order', async () => {
      const other = await take((await openLoader({ ...options, seed: 6 })).epoch(3));
      expect(other[0]!.images).not.to.deep.equal(reference[0]!.images);
      const still = await openLoader({ ...options, shuffle: false });
      const [first, second] = [await take(still.epoch(0), 1), await take(still.epoch(1), 1)];
      expect(first[0]!.ids).to.deep.equal(second[0]!.ids);
      expect(first[0]!.images).not.to.deep.equal(second[0]!.images);
    });
  });

  it('decodes a sample once where the decoded fit, and again where they do not', async () => {
    for (const [cacheBytes, reads] of [
      [undefined, 6],
      [3 * 64, 9],
      [0, 12],
    ] as const) {
      const log = join(folder(), `reads-${reads}`);
      const loader = await openLoader({ source: numbered({ count: 6, log }), cacheBytes });
      for (const epoch of [0, 1]) await take(loader.epoch(epoch));
      expect((await readFile(log, 'utf8')).trim().split('\n').length, `${cacheBytes} bytes`).to.equal(reads);
    }
  });

  it('reads no further ahead than it is told to', async () => {
    const log = join(folder(), 'ahead');
    const loader = await openLoader({ source: numbered({ count: 20, log }), batch: 1, ahead: 2 });
    const epoch = loader.epoch(0);
    await epoch.next();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await readFile(log, 'utf8')).trim().split('\n').sort()).to.deep.equal(['0', '1', '2']);
    await epoch.return();
  });

  it('goes on with another epoch after a loop that was left early', async () => {
    const loader = await openLoader({ source: numbered({ count: 8 }) });
    expect((await take(loader.epoch(0), 1)).length).to.equal(1);
    expect((await take(loader.epoch(1))).length).to.equal(4);
  });

  it('refuses images of several sizes in one batch, and takes them with a crop', async () => {
    const source = numbered({ count: 2, heights: { 1: 6 } });
    await expectFailure(take((await openLoader({ source })).epoch(0)), 'E_DATA_SIZE', '4x6', '4x4', 'crop');
    const cropped = await openLoader({ source, augment: { crop: [3, 3] } });
    expect((await take(cropped.epoch(0)))[0]!.height).to.equal(3);
  });

  const wrong: [string, Partial<BatchOptions>, string][] = [
    ['a batch of 0', { batch: 0 }, 'batches.batch'],
    ['1.5 workers', { workers: 1.5 }, 'batches.workers'],
    ['a crop of 0 columns', { augment: { crop: [4, 0] } }, 'batches.width'],
    ['a scale of 0', { augment: { crop: [4, 4], scale: [0, 1] } }, 'batches.scale'],
    ['a scale that shrinks below itself', { augment: { crop: [4, 4], scale: [2, 1] } }, 'batches.scale'],
  ];
  for (const [what, options, where] of wrong) {
    it(`refuses ${what}`, () => expectFailure(openLoader(options), 'E_USAGE', where));
  }

  it('names a sample that the split does not have', () =>
    expectFailure(openLoader({ samples: ['train/9999'] }), 'E_DATA_SAMPLE', 'train/9999', 'scenes:1@16x32 train'));

  it('names the splits when another is asked for', () =>
    expectFailure(openLoader({ split: 'test' }), 'E_DATA_SPLIT', 'train, val'));
});
