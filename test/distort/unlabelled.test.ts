import { expect } from 'chai';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { enlargedSource } from '../../src/data/enlarged-source.js';
import { openDataset } from '../../src/data/registry.js';
import { loadSource, openSource } from '../../src/data/source.js';
import { distort } from '../../src/distort/distort.js';
import { sourceAt } from '../../src/distort/level-source.js';
import { parseLevel } from '../../src/distort/level.js';
import { prepare } from '../../src/distort/prepare.js';
import { verify } from '../../src/distort/verify.js';
import { requireCopies } from '../../src/eval/prepared.js';
import { encodePng } from '../../src/image/encode.js';
import { resizePixels } from '../../src/image/resize.js';
import { HEIGHT, makers, temporaryFolder, WIDTH } from '../data/support/folders.js';
import { expectFailure } from '../support/failure.js';

const [JPEG, SMALL] = [parseLevel('jpeg=10'), parseLevel('resolution=0.5x')];

describe('distort: pictures that nobody labelled', () => {
  const folder = temporaryFolder();
  let spec: string;
  let out: string;
  const copyOf = (level: { text: string }): string => `list:${join(out, level.text)}`;

  before(async () => {
    await mkdir(join(folder(), 'data'));
    spec = await makers['images']!(join(folder(), 'data'));
    out = join(folder(), 'out');
    await prepare({ dataset: await openDataset(spec), levels: [JPEG, SMALL], out });
  });

  it('become a list of images alone, at the level', async () => {
    const [clean, copy] = [await openDataset(spec), await openDataset(copyOf(JPEG))];
    expect([copy.unlabelled, copy.classes, copy.targets, copy.ignore]).to.deep.equal([true, [], clean.targets, -1]);
    for (const split of clean.splits) {
      const [samples, copies] = [clean.samples(split), copy.samples(split)];
      expect(copies.map(({ id }) => id)).to.deep.equal(samples.map(({ id }) => id));
      for (const [i, sample] of samples.entries()) {
        expect(await copy.readImage(copies[i]!)).to.deep.equal(await distort(await clean.readImage(sample), JPEG));
      }
    }
    const list = await readFile(join(out, JPEG.text, 'val.txt'), 'utf8');
    expect(list).to.match(/^\d\.jpg\n\d\.jpg\n$/);
  });

  it('are found right, and made again where nothing is to do without a file written', async () => {
    const dataset = await openDataset(spec);
    expect(await verify({ out, dataset })).to.deep.equal([]);
    const [again] = await prepare({ dataset, levels: [JPEG], out });
    expect([again!.written, again!.kept]).to.deep.equal([0, 7]);
    await requireCopies(out, spec, [JPEG.text, SMALL.text], { parts: [{ split: 'val' }, { split: 'train', end: 2 }] });
  });

  it('that were changed since are no copies of what is there now', async () => {
    const { image } = (await openDataset(spec)).samples('train')[0]!;
    const path = join(folder(), 'data', image);
    const before = await readFile(path);
    await writeFile(path, await encodePng({ data: new Uint8Array(48), width: 4, height: 4, channels: 3 }));
    await expectFailure(requireCopies(out, spec, [JPEG.text], { parts: [{ split: 'train' }] }), 'E_USAGE', image);
    await writeFile(path, before);
  });

  it('made smaller, they are enlarged to the size of their originals, prepared or not', async () => {
    const clean = await openDataset(spec);
    const sources = [out, undefined].map((prepared) => sourceAt({ data: spec, prepared, inferSize: 'original' }, SMALL.text)); // prettier-ignore
    for (const dataset of await Promise.all(sources.map(loadSource))) {
      expect(dataset.resized).to.equal(false);
      for (const [i, sample] of clean.samples('val').entries()) {
        const small = await distort(await clean.readImage(sample), SMALL);
        expect([small.height, small.width]).to.deep.equal([HEIGHT / 2, WIDTH / 2]);
        const large = resizePixels(small, { height: HEIGHT, width: WIDTH });
        expect(await dataset.readImage(dataset.samples('val')[i]!)).to.deep.equal(large);
      }
    }
    const received = await loadSource(sourceAt({ data: spec, prepared: out }, SMALL.text));
    expect((await received.readImage(received.samples('val')[0]!)).width).to.equal(WIDTH / 2);
  });

  it('of one size with their originals are left as they are', async () => {
    const copy = await openDataset(copyOf(JPEG));
    const large = await loadSource(enlargedSource(openSource(copyOf(JPEG)), openSource(spec)));
    const [sample] = copy.samples('val');
    expect(await large.readImage(sample!)).to.deep.equal(await copy.readImage(sample!));
  });
});
