import { expect } from 'chai';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BatchLoader, type Batch, type BatchOptions } from '../../src/data/batches.js';
import { checkDataset } from '../../src/data/check.js';
import { deriveDataset } from '../../src/data/derive.js';
import { enlargeDataset, enlargedSource } from '../../src/data/enlarged-source.js';
import { mixedSource } from '../../src/data/mixed-source.js';
import { readPair } from '../../src/data/pair.js';
import { openDataset } from '../../src/data/registry.js';
import { loadSource, openSource } from '../../src/data/source.js';
import { parseLevel } from '../../src/distort/level.js';
import { distortedSource } from '../../src/distort/source.js';
import { encodePng } from '../../src/image/encode.js';
import { resizeLabels, resizePixels } from '../../src/image/resize.js';
import { expectFailure } from '../support/failure.js';
import { HEIGHT, WIDTH, writeListDataset } from '../distort/support/list-dataset.js';
import { temporaryFolder } from './support/folders.js';

const SPEC = 'scenes:5@16x24';
const small = distortedSource(SPEC, parseLevel('resolution=0.5x'));
const IDS = ['train/0000', 'train/0001'];

async function firstBatch(options: Partial<BatchOptions>): Promise<Batch> {
  const loader = await BatchLoader.open({
    ...{ source: small, split: 'train', samples: IDS, batch: 2, seed: 1, shuffle: false },
    ...options,
  });
  try {
    return (await loader.epoch(0).next()).value as Batch;
  } finally {
    await loader.close();
  }
}

describe('data: images smaller than their label maps', function () {
  this.timeout(60_000);
  const folder = temporaryFolder();

  /** A list dataset whose image `a` has another size than its label map. */
  async function makeList(width: number, height: number, resized?: boolean): Promise<string> {
    const root = join(folder(), `${width}x${height}-${resized}`);
    await writeListDataset(root, { train: ['a', 'b'] });
    const data = new Uint8Array(width * height * 3).fill(90);
    await writeFile(join(root, 'images/a.png'), await encodePng({ data, width, height, channels: 3 }));
    const path = join(root, 'dataset.json');
    const description = JSON.parse(await readFile(path, 'utf8')) as object;
    await writeFile(path, JSON.stringify({ ...description, resized }));
    return `list:${root}`;
  }

  it('are right in a list dataset that says so, and wrong in one that does not', async () => {
    expect((await checkDataset(await makeList(12, 8, true))).problems).to.deep.equal([]);
    for (const resized of [false, undefined]) {
      const { problems } = await checkDataset(await makeList(12, 8, resized));
      expect(problems.map(({ code, id }) => `${code} ${id}`)).to.deep.equal(['E_DATA_SIZE images/a']);
    }
  });

  it('larger ones are wrong in either', async () => {
    for (const [width, height] of [
      [WIDTH + 1, HEIGHT],
      [WIDTH - 1, HEIGHT + 1],
    ] as const) {
      const dataset = await openDataset(await makeList(width, height, true));
      const failure = dataset.readLabel(dataset.samples('train')[0]!);
      await expectFailure(failure, 'E_DATA_SIZE', `${width}x${height}, or larger`, `${WIDTH}x${HEIGHT}`);
    }
  });

  it('come whole with labels of their own size', async () => {
    const clean = await openDataset(SPEC);
    const { images, targets, ...sizes } = await firstBatch({});
    const { data: labels, shape } = targets['labels']!;
    expect(sizes).to.include({ batch: 2, height: 8, width: 12 });
    expect(shape).to.deep.equal([2, 16, 24]);
    expect(images).to.have.length(2 * 8 * 12 * 3);
    for (const [i, sample] of clean.samples('train').slice(0, 2).entries()) {
      expect(labels.subarray(i * 16 * 24, (i + 1) * 16 * 24)).to.deep.equal((await clean.readLabel(sample)).data);
    }
  });

  it('are cut with labels scaled to them by nearest neighbour', async () => {
    const clean = await openDataset(SPEC);
    const { images, targets, ...sizes } = await firstBatch({ augment: { crop: [8, 12] } });
    const { data: labels, shape } = targets['labels']!;
    expect(sizes).to.include({ height: 8, width: 12 });
    expect(shape).to.deep.equal([2, 8, 12]);
    const dataset = await loadSource(small);
    for (const [i, sample] of dataset.samples('train').slice(0, 2).entries()) {
      const label = resizeLabels(await clean.readLabel(sample), { width: 12, height: 8 });
      expect(labels.subarray(i * 96, (i + 1) * 96)).to.deep.equal(label.data);
      expect(images.subarray(i * 288, (i + 1) * 288)).to.deep.equal((await dataset.readImage(sample)).data);
    }
  });

  it('of several sizes fill one batch in crops', async () => {
    const source = mixedSource([small, distortedSource(SPEC, parseLevel('resolution=16x12'))]);
    const samples = (await loadSource(source)).samples('train').slice(0, 2);
    const { images, targets, ...sizes } = await firstBatch({
      ...{ source, samples: samples.map(({ id }) => id), augment: { crop: [16, 16], border: 'mirror' as const } },
    });
    expect(sizes).to.include({ batch: 2, height: 16, width: 16 });
    const labels = targets['labels']!.data;
    const seen = [0, 1].map((i) => labels.subarray(i * 256, (i + 1) * 256).filter((id) => id !== 255).length);
    expect(seen[0]).to.be.within(1, 8 * 12);
    expect(seen[1]).to.be.within(8 * 12 + 1, 12 * 16);
    expect(images.filter((value) => value > 0).length).to.be.above(2 * 256);
  });

  it('are enlarged bilinearly to the size of their labels', async () => {
    const [received, large] = [await loadSource(small), await loadSource(enlargedSource(small, openSource(SPEC)))];
    expect(large.resized).to.equal(false);
    const sample = large.samples('val')[0]!;
    const image = await large.readImage(sample);
    expect(image).to.deep.equal(resizePixels(await received.readImage(sample), { width: 24, height: 16 }));
    expect((await large.readLabel(sample)).data).to.deep.equal((await received.readLabel(sample)).data);
  });

  it('are enlarged with their labels read once for both, and again when asked for later', async () => {
    const received = await loadSource(small);
    const [first, second] = received.samples('val').slice(0, 2);
    let reads = 0;
    const counted = deriveDataset(received, {
      readLabel: (sample) => (reads++, received.readLabel(sample)),
    });
    const large = enlargeDataset(counted);
    const pairs = await Promise.all([readPair(large, first!), readPair(large, second!)]);
    expect(reads).to.equal(2);
    expect(pairs[1]!.target).to.deep.equal(await received.readLabel(second!));
    await readPair(large, first!);
    expect(reads).to.equal(3);
  });

  it('a label that cannot be read is the error of its image, and is tried again', async () => {
    const received = await loadSource(small);
    const sample = received.samples('val')[0]!;
    let broken = true;
    const readLabel: typeof received.readLabel = (of) =>
      broken ? Promise.reject(new Error('unreadable')) : received.readLabel(of);
    const large = enlargeDataset(deriveDataset(received, { readLabel }));
    const failure = await readPair(large, sample).catch((error: Error) => error.message);
    expect(failure).to.equal('unreadable');
    broken = false;
    expect((await readPair(large, sample)).image).to.include({ width: 24, height: 16 });
  });

  it('a dataset of images of their own size stays as it is', async () => {
    const [plain, large] = [
      await openDataset(SPEC),
      await loadSource(enlargedSource(openSource(SPEC), openSource(SPEC))),
    ];
    const sample = plain.samples('val')[0]!;
    expect(large.readImageBytes).to.equal(plain.readImageBytes);
    expect((await large.readImage(sample)).data).to.deep.equal((await plain.readImage(sample)).data);
  });
});
