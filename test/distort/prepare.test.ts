import { expect } from 'chai';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDataset } from '../../src/data/registry.js';
import { deriveDataset } from '../../src/data/derive.js';
import { distort } from '../../src/distort/distort.js';
import { parseLevel } from '../../src/distort/level.js';
import { type PreparedLevel } from '../../src/distort/prepare.js';
import { decodeImage } from '../../src/image/decode.js';
import { encodeLabelMap } from '../../src/image/labels.js';
import { expectFailure } from '../support/failure.js';
import { ijgTables, quantizationTables } from '../support/jpeg-tables.js';
import { contentOf, HEIGHT, WIDTH, writeImage, writeListDataset } from './support/list-dataset.js';
import { counts, LEVELS, makePlaces, prepareIn } from './support/prepare-in.js';
import { proceduralDataset } from './support/procedural.js';

describe('distort: prepared datasets', () => {
  let folder: string;
  let source: string;
  let out: string;
  beforeEach(async () => {
    ({ folder, source, out } = await makePlaces());
  });
  afterEach(() => rm(folder, { recursive: true }));
  const run = (options?: Parameters<typeof prepareIn>[1]) => prepareIn({ folder, source, out }, options);

  describe('what is written', () => {
    it("JPEG files have the standard's Huffman tables where told to, and what is there by then stays", async () => {
      await run({ texts: ['jpeg=10'], huffman: 'standard' });
      const copy = await openDataset(`list:${join(out, 'jpeg=10')}`);
      const [sample] = copy.samples('train');
      const table = Buffer.from([0x00, 0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0]);
      expect(Buffer.from((await copy.readImageBytes!(sample!))!).includes(table)).to.equal(true);
      const [again] = await run({ texts: ['jpeg=10'] });
      expect(again!.written).to.equal(0);
    });

    it('each level is a list dataset whose images are those that distort() gives', async () => {
      await run();
      const clean = await openDataset(`list:${source}`);
      for (const level of LEVELS) {
        const copy = await openDataset(`list:${join(out, level)}`);
        expect(copy.classes).to.deep.equal(clean.classes);
        expect(copy.splits).to.deep.equal(['train', 'val']);
        for (const split of copy.splits) {
          expect(copy.samples(split).map(({ id }) => id)).to.deep.equal(clean.samples(split).map(({ id }) => id));
          for (const [i, sample] of copy.samples(split).entries()) {
            const expected = await distort(await clean.readImage(clean.samples(split)[i]!), parseLevel(level));
            expect([...(await copy.readImage(sample)).data]).to.deep.equal([...expected.data]);
            expect(await copy.readLabel(sample)).to.deep.equal(await clean.readLabel(clean.samples(split)[i]!));
          }
        }
      }
    });

    it('paths stay; a JPEG level has .jpg files of its quality, encoded from the source; the rest is PNG', async () => {
      await run({ texts: ['jpeg=30', 'brightness=0.5+jpeg=5', 'jpeg=30+brightness=0.5', 'clean'] });
      for (const [level, quality] of [
        ['jpeg=30', 30],
        ['brightness=0.5+jpeg=5', 5],
      ] as const) {
        const bytes = await readFile(join(out, level, 'images/deep/b.jpg'));
        expect(quantizationTables(bytes)).to.deep.equal(ijgTables(quality));
      }
      for (const level of ['jpeg=30+brightness=0.5', 'clean']) {
        const bytes = await readFile(join(out, level, 'images/deep/b.png'));
        expect(bytes.toString('latin1', 1, 4)).to.equal('PNG');
      }
      const before = await decodeImage(await readFile(join(source, 'images/a.png')), 'a');
      expect(await decodeImage(await readFile(join(out, 'clean/images/a.png')), 'a')).to.deep.equal(before);
    });

    it('labels come along byte for byte', async () => {
      await run();
      for (const name of ['a', 'deep/b', 'c', 'd']) {
        const expected = await readFile(join(source, `labels/${name}.png`));
        for (const level of LEVELS) {
          expect(expected.equals(await readFile(join(out, level, `labels/${name}.png`)))).to.equal(true);
        }
      }
    });

    it('each image file is read once, for its hash and for its pixels', async () => {
      const dataset = await openDataset(`list:${source}`);
      const read: string[] = [];
      const counted = deriveDataset(dataset, {
        readImage: () => Promise.reject(new Error('a second read')),
        readImageBytes: (sample) => {
          read.push(sample.id);
          return dataset.readImageBytes!(sample);
        },
      });
      await run({ dataset: counted });
      expect(read).to.have.members(['a', 'deep/b', 'c', 'd'].map((name) => `images/${name}`));
    });

    it('a label file is copied where the dataset says that it holds class ids, and decoded to tell where it does not', async () => {
      const dataset = await openDataset(`list:${source}`);
      const map = await dataset.readLabel(dataset.samples('val')[0]!);
      for (const stores of [true, false, undefined]) {
        const told = deriveDataset(dataset, {
          // Other ids than the file's: only a comparison with it finds that.
          readLabel: async () => ({ ...map, data: new Uint8Array(map.data.length).fill(1) }),
          storesClassIds: stores === undefined ? undefined : () => stores,
        });
        await run({ dataset: told, texts: ['clean'], splits: ['val'], force: true });
        const written = await readFile(join(out, 'clean/labels/d.png'));
        expect(written.equals(await readFile(join(source, 'labels/d.png')))).to.equal(stores === true);
      }
    });

    it('labels whose ids are mapped become PNGs of the class ids', async () => {
      const ids = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => i % 12);
      await mkdir(join(source, 'camvid'));
      await writeImage(join(source, 'camvid/val/x.png'), 'x');
      await mkdir(join(source, 'camvid/valannot'));
      await writeFile(
        join(source, 'camvid/valannot/x.png'),
        encodeLabelMap({ data: ids, width: WIDTH, height: HEIGHT }),
      );
      await writeFile(join(source, 'camvid/val.txt'), 'val/x.png valannot/x.png\n');
      const camvid = await openDataset(`camvid:${join(source, 'camvid')}`);
      await run({ dataset: camvid, texts: ['jpeg=30'] });
      const copy = await openDataset(`list:${join(out, 'jpeg=30')}`);
      // SegNet's CamVid stores "unlabelled" as 11; in gearnn it is the ignored id.
      expect([...(await copy.readLabel(copy.samples('val')[0]!)).data]).to.deep.equal(
        [...ids].map((id) => (id === 11 ? camvid.ignore : id)),
      );
    });

    it('a procedural dataset gets a folder per split', async () => {
      const dataset = proceduralDataset();
      await run({ dataset, texts: ['brightness=0.5'] });
      const copy = await openDataset(`list:${join(out, 'brightness=0.5')}`);
      expect(copy.samples('val')).to.deep.equal([
        { id: 'val/0', image: 'val/0.png', label: 'val-labels/0.png' },
        { id: 'val/1', image: 'val/1.png', label: 'val-labels/1.png' },
      ]);
      expect((await copy.readImage(copy.samples('val')[1]!)).data[0]).to.equal(50);
      expect((await copy.readLabel(copy.samples('val')[1]!)).data[0]).to.equal(1);
      expect(counts(await run({ dataset, texts: ['brightness=0.5'] }))).to.deep.equal([[0, 4]]);
    });

    it('the manifest names the level, the source, the codecs and every file with its size and hash', async () => {
      const [{ manifest }] = (await run()) as [PreparedLevel];
      expect(manifest).to.include({ format: 'gearnn-distorted', version: 1, level: 'jpeg=30', ignore: 255 });
      expect(manifest.source).to.include({ spec: `list:${source}`, root: source, name: 'list' });
      expect(manifest.codecs).to.include.keys('sharp', 'vips');
      const written = await contentOf(join(out, 'jpeg=30'));
      const originals = await contentOf(source);
      for (const file of manifest.files) {
        expect(file.sha256).to.equal(written[file.path]);
        expect(file.size).to.equal((await stat(join(out, 'jpeg=30', file.path))).size);
        expect(file.source).to.equal(originals[file.from]);
      }
      expect(manifest.files.map(({ path }) => path)).to.have.members(
        Object.keys(written).filter((path) => /^(images|labels)/.test(path)),
      );
      expect(JSON.parse(await readFile(join(out, 'jpeg=30/manifest.json'), 'utf8'))).to.deep.equal(manifest);
    });

    it('the same level twice is one', async () => {
      expect((await run({ texts: ['jpeg=30', 'jpeg=030'] })).map(({ level }) => level)).to.deep.equal(['jpeg=30']);
    });
  });

  describe('what is refused', () => {
    it('a folder that holds a copy of another dataset, unless forced', async () => {
      await run({ texts: ['jpeg=30'] });
      const other = join(folder, 'other');
      await writeListDataset(other, { train: ['z'] });
      const dataset = await openDataset(`list:${other}`);
      await expectFailure(
        run({ texts: ['jpeg=30'], dataset }),
        'E_DISTORT_FOLDER',
        `got one of list:${source}`,
        '--force',
      );
      expect(counts(await run({ texts: ['jpeg=30'], dataset, force: true }))).to.deep.equal([[2, 0]]);
    });

    it('a folder that holds a copy with other classes', async () => {
      await run({ texts: ['jpeg=30'] });
      const path = join(source, 'dataset.json');
      await writeFile(path, (await readFile(path, 'utf8')).replace('road', 'street'));
      await expectFailure(run({ texts: ['jpeg=30'] }), 'E_DISTORT_FOLDER', 'one of a dataset with other classes');
    });

    it('a source that was moved is still the same', async () => {
      await run({ texts: ['jpeg=30'] });
      const moved = join(folder, 'moved');
      await mkdir(moved);
      await writeListDataset(moved, { train: ['a', 'deep/b', 'c'], val: ['d'] });
      await rm(source, { recursive: true });
      const dataset = await openDataset(`list:${moved}`);
      expect(counts(await run({ texts: ['jpeg=30'], dataset }))).to.deep.equal([[0, 8]]);
    });

    it('a dataset of someone else, and the source itself', async () => {
      await writeListDataset(join(out, 'jpeg=30'), { train: ['z'] });
      await expectFailure(run(), 'E_DISTORT_FOLDER', 'a dataset that gearnn distort has not made');
      const dataset = await openDataset(`list:${join(out, 'jpeg=30')}`);
      for (const force of [false, true]) {
        await expectFailure(run({ dataset, force }), 'E_DISTORT_FOLDER', 'got that dataset itself');
      }
    });

    it('a split that the dataset does not have', async () => {
      await expectFailure(run({ splits: ['test'] }), 'E_DATA_SPLIT', '"test"');
    });

    it('a file in the place of the folder', async () => {
      await writeFile(out, '');
      await expectFailure(run(), 'E_DISTORT_FOLDER', out, 'a file in the place of a folder');
    });

    it('a full disk, with what to do', async () => {
      const dataset = proceduralDataset();
      dataset.readImage = () => Promise.reject(Object.assign(new Error('write'), { code: 'ENOSPC' }));
      await expectFailure(
        run({ dataset }),
        'E_DISTORT_FOLDER',
        `${out}: expected free space`,
        'it goes on where it stopped',
      );
    });

    it('a source image that is damaged is named, and nothing is made of it', async () => {
      await writeFile(join(source, 'images/c.png'), 'no PNG');
      await expectFailure(run(), 'E_IMAGE_DECODE', join(source, 'images/c.png'));
      await writeImage(join(source, 'images/c.png'), 'c');
      expect((await run()).map(({ written, kept }) => written + kept)).to.deep.equal([8, 8]);
    });
  });
});
