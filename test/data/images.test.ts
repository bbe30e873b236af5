import { expect } from 'chai';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BatchLoader } from '../../src/data/batches.js';
import { checkDataset } from '../../src/data/check.js';
import { openDataset } from '../../src/data/registry.js';
import { openSource } from '../../src/data/source.js';
import { writeListDataset } from '../../src/data/write-list.js';
import { encodePng } from '../../src/image/encode.js';
import { expectFailure } from '../support/failure.js';
import { temporaryFolder, write } from './support/folders.js';

const png = (value: number): Promise<Uint8Array> =>
  encodePng({ data: new Uint8Array(48).fill(value), width: 4, height: 4, channels: 3 });

describe('data: images', () => {
  const folder = temporaryFolder();
  let root: string;
  let spec: string;
  let count = 0;

  beforeEach(async () => {
    root = join(folder(), String(count++));
    await mkdir(root);
    spec = `images:${root}`;
  });

  it('are all in the folder and below; a path alone tells what is held out', async () => {
    const paths = Array.from({ length: 40 }, (_, i) => `${i % 2 ? 'holiday/' : ''}${i}.png`);
    for (const [i, path] of paths.entries()) await write(root, path, await png(i));
    await write(root, '.DS_Store', new Uint8Array(3));
    await writeFile(join(root, 'notes.txt'), 'x');
    const before = await openDataset(spec);
    const idsOf = (dataset: typeof before, split: string) => dataset.samples(split).map(({ id }) => id);
    expect([...idsOf(before, 'train'), ...idsOf(before, 'val')].sort()).to.deep.equal(
      paths.map((path) => path.replace('.png', '')).sort(),
    );
    expect(idsOf(before, 'val').length).to.be.within(1, 10);
    await write(root, 'one more.png', await png(200));
    const after = await openDataset(spec);
    for (const split of ['train', 'val']) expect(idsOf(after, split)).to.include.members(idsOf(before, split));
    expect((await checkDataset(spec)).warnings).to.deep.equal([]);
  });

  it('come in batches without targets', async () => {
    for (let i = 0; i < 3; i++) await write(root, `sub/${i}.png`, await png(i));
    const { splits, samples } = await openDataset(spec).then((dataset) => ({
      splits: dataset.splits,
      samples: dataset.samples('train'),
    }));
    expect(splits).to.deep.equal(['train', 'val']);
    const options = { source: openSource(spec), split: 'train', batch: 1, seed: 0, shuffle: false };
    const loader = await BatchLoader.open(options);
    const seen: number[] = [];
    for await (const { images, targets } of loader.epoch(0)) {
      expect(targets).to.deep.equal({});
      seen.push(images[0]!);
    }
    await loader.close();
    expect(seen).to.have.length(samples.length);
  });

  it('what needs labels is refused, with what needs none', async () => {
    await write(root, 'a.png', await png(1));
    const dataset = await openDataset(spec);
    await expectFailure(
      dataset.readLabel({ id: 'a', image: 'a.png', label: '' }),
      'E_DATA_TASK',
      '--objective teacher',
    );
  });

  it('are written as a list of images alone, which reads the same', async () => {
    for (const path of ['a.png', 'my trip/#1.png', '#2.png', ...Array.from({ length: 20 }, (_, i) => `${i}.png`)])
      await write(root, path, await png(path.length));
    const dataset = await openDataset(spec);
    const out = `${root}-list`;
    await writeListDataset(dataset, out);
    const list = await openDataset(`list:${out}`);
    for (const split of ['train', 'val'] as const) {
      const [samples, copies] = [dataset, list].map((each) => each.samples(split));
      expect(copies!.map(({ id }) => id)).to.deep.equal(samples!.map(({ id }) => `${split}/${id}`));
      for (const [i, sample] of samples!.entries()) {
        expect(await list.readImage(copies![i]!)).to.deep.equal(await dataset.readImage(sample));
      }
    }
    await expectFailure(list.readLabel(list.samples('train')[0]!), 'E_DATA_TASK', '--objective teacher');
    expect([list.unlabelled, list.targets]).to.deep.equal([true, dataset.targets]);
  });

  it('a folder that is not there, or holds none, is named', async () => {
    await expectFailure(openDataset(spec), 'E_DATA_ROOT', 'none in it');
    await expectFailure(openDataset(`${spec}/none`), 'E_DATA_ROOT', 'no such folder');
  });
});
