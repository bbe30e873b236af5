import { expect } from 'chai';
import { mkdtempSync } from 'node:fs';
import { cp, mkdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataset } from '../../src/data/registry.js';
import { encodePng } from '../../src/image/encode.js';
import { encodeLabelMap } from '../../src/image/labels.js';
import { contentHash } from '../../src/pipeline/content.js';
import { sliceDataset } from '../../src/pipeline/images.js';
import { expectFailure } from '../support/failure.js';

/** Two gray images with their labels, as a list dataset. */
async function writeDataset(root: string): Promise<void> {
  await mkdir(root, { recursive: true });
  const classes = [{ name: 'a', color: [1, 2, 3] }];
  await writeFile(join(root, 'dataset.json'), JSON.stringify({ classes, ignore: 255, splits: { train: 'train.txt' } }));
  await writeFile(join(root, 'train.txt'), 'a.png a-label.png\nb.png b-label.png\n');
  for (const [name, value] of [
    ['a', 10],
    ['b', 20],
  ] as const) {
    const data = new Uint8Array(12).fill(value);
    await writeFile(join(root, `${name}.png`), await encodePng({ data, width: 2, height: 2, channels: 3 }));
    await writeFile(join(root, `${name}-label.png`), encodeLabelMap({ data: new Uint8Array(4), width: 2, height: 2 }));
  }
}

describe('pipeline: content of a dataset', () => {
  let folder: string;
  let root: string;
  let cache: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gearnn-content-'));
    root = join(folder, 'data');
    cache = join(folder, 'content.json');
    await writeDataset(root);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const hash = async (spec: string, count?: number, split = 'train'): Promise<string> => {
    const dataset = await openDataset(spec);
    return contentHash(dataset, dataset.samples(split).slice(0, count), { cache });
  };

  it('is the same wherever the files lie, and another for other samples', async () => {
    await cp(root, join(folder, 'copy'), { recursive: true });
    const here = await hash(`list:${root}`);
    expect(await hash(`list:${join(folder, 'copy')}`)).to.equal(here);
    expect(await hash(`list:${root}`, 1)).not.to.equal(here);
  });

  for (const file of ['a.png', 'b-label.png']) {
    it(`changes with ${file}`, async () => {
      const before = await hash(`list:${root}`);
      const data = Uint8Array.from([9, 9, 9]);
      await writeFile(join(root, file), await encodePng({ data, width: 1, height: 1, channels: 3 }));
      expect(await hash(`list:${root}`)).not.to.equal(before);
    });
  }

  it('reads a file again only where its size or date changed', async () => {
    const path = join(root, 'a.png');
    await utimes(path, new Date(1e12), new Date(1e12));
    const before = await hash(`list:${root}`);
    const { size } = await stat(path);
    await writeFile(path, Buffer.alloc(size));
    await utimes(path, new Date(1e12), new Date(1e12));
    expect(await hash(`list:${root}`)).to.equal(before);
    await utimes(path, new Date(1e12), new Date(2e12));
    expect(await hash(`list:${root}`)).not.to.equal(before);
  });

  it('a missing file is the dataset’s own error', async () => {
    await rm(join(root, 'b-label.png'));
    await expectFailure(hash(`list:${root}`), 'E_DATA_MISSING', 'b-label.png');
  });

  it('of a procedural dataset is its spec, its samples and what the first of them look like', async () => {
    const first = await hash('scenes:1@32x64', 4);
    expect(await hash('scenes:1@32x64', 4)).to.equal(first);
    expect(await hash('scenes:2@32x64', 4)).not.to.equal(first);
    expect(await hash('scenes:1@32x64', 5)).not.to.equal(first);
  });

  it('a slice of a dataset has its samples alone, and reads them', async () => {
    const dataset = sliceDataset(await openDataset(`list:${root}`), { split: 'train', start: 1 });
    expect(dataset.splits).to.deep.equal(['train']);
    expect(dataset.samples('train').map(({ id }) => id)).to.deep.equal(['b']);
    expect((await dataset.readImage(dataset.samples('train')[0]!)).data[0]).to.equal(20);
  });
});
