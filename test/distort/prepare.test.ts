import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataset } from '../../src/data/registry.js';
import type { Dataset, Sample } from '../../src/data/dataset.js';
import { deriveDataset } from '../../src/data/derive.js';
import { distort } from '../../src/distort/distort.js';
import { JOURNAL } from '../../src/distort/journal.js';
import { parseLevel } from '../../src/distort/level.js';
import { prepare, type PreparedLevel, type PrepareOptions } from '../../src/distort/prepare.js';
import { decodeImage } from '../../src/image/decode.js';
import type { LabelMap } from '../../src/image/pixels.js';
import { encodeLabelMap } from '../../src/image/labels.js';
import { expectFailure } from '../support/failure.js';
import { ijgTables, quantizationTables } from '../support/jpeg-tables.js';
import { programOf } from '../support/programs.js';
import { contentOf, HEIGHT, WIDTH, writeImage, writeLabel, writeListDataset } from './support/list-dataset.js';
import { labelMaps } from '../../src/tasks/segmentation/targets.js';

const LEVELS = ['jpeg=30', 'brightness=0.5'];

describe('distort: prepared datasets', () => {
  let folder: string;
  let source: string;
  let out: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-prepare-'));
    source = join(folder, 'source');
    out = join(folder, 'out');
    await writeListDataset(source, { train: ['a', 'deep/b', 'c'], val: ['d'] });
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function run(options: Partial<PrepareOptions> & { texts?: string[] } = {}): Promise<PreparedLevel[]> {
    const { texts = LEVELS, dataset = await openDataset(`list:${source}`), ...rest } = options;
    return prepare({ dataset, levels: texts.map(parseLevel), out, ...rest });
  }

  /** Files written and kept, per level. */
  function counts(prepared: PreparedLevel[]): [written: number, kept: number][] {
    return prepared.map(({ written, kept }) => [written, kept]);
  }

  describe('what is written', () => {
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

  describe('a second run', () => {
    it('writes nothing where all is right', async () => {
      expect(counts(await run())).to.deep.equal([
        [8, 0],
        [8, 0],
      ]);
      const paths = ['manifest.json', 'dataset.json', 'train.txt', 'images/a.jpg', 'labels/a.png'];
      const times = (): Promise<number[]> =>
        Promise.all(paths.map(async (path) => (await stat(join(out, 'jpeg=30', path))).mtimeMs));
      const before = await times();
      expect(counts(await run())).to.deep.equal([
        [0, 8],
        [0, 8],
      ]);
      expect(await times()).to.deep.equal(before);
    });

    it('writes again what is missing or has changed, and nothing else', async () => {
      await run();
      const before = await contentOf(out);
      await rm(join(out, 'jpeg=30/images/a.jpg'));
      const bytes = await readFile(join(out, 'jpeg=30/images/c.jpg'));
      bytes[bytes.length - 10]! ^= 1;
      await writeFile(join(out, 'jpeg=30/images/c.jpg'), bytes);
      await writeFile(join(out, 'brightness=0.5/labels/d.png'), '');
      await writeFile(join(out, 'brightness=0.5/train.txt'), 'nonsense');
      expect(counts(await run())).to.deep.equal([
        [2, 6],
        [1, 7],
      ]);
      expect(await contentOf(out)).to.deep.equal(before);
    });

    it('follows a source that changes, gains and loses samples', async () => {
      await run({ texts: ['jpeg=30'] });
      await writeListDataset(source, { train: ['a', 'c', 'new'], val: ['d'] });
      await writeImage(join(source, 'images/a.png'), 'another');
      await writeLabel(join(source, 'labels/d.png'), 'another');
      const [prepared] = (await run({ texts: ['jpeg=30'] })) as [PreparedLevel];
      expect([prepared.written, prepared.kept]).to.deep.equal([4, 4]);
      expect(prepared.manifest.splits['train']!.map(({ image }) => image)).to.deep.equal([
        'images/a.jpg',
        'images/c.jpg',
        'images/new.jpg',
      ]);
      await rm(out, { recursive: true });
      const [fresh] = (await run({ texts: ['jpeg=30'] })) as [PreparedLevel];
      expect(fresh.manifest).to.deep.equal(prepared.manifest);
    });

    it('makes all again where the codecs were others', async () => {
      await run({ texts: ['jpeg=30'] });
      const path = join(out, 'jpeg=30/manifest.json');
      await writeFile(path, (await readFile(path, 'utf8')).replace(/"vips": "[^"]*"/, '"vips": "8.0.0"'));
      expect(counts(await run({ texts: ['jpeg=30'] }))).to.deep.equal([[8, 0]]);
      expect(await readFile(path, 'utf8')).not.to.contain('"8.0.0"');
    });

    it('makes all again with `force`', async () => {
      await run({ texts: ['jpeg=30'] });
      expect(counts(await run({ texts: ['jpeg=30'], force: true }))).to.deep.equal([[8, 0]]);
    });

    it('makes some splits again with `force`, and keeps the others, which it brings up to date', async () => {
      const [whole] = (await run({ texts: ['jpeg=30'] })) as [PreparedLevel];
      await rm(join(out, 'jpeg=30/images/d.jpg'));
      const [again] = (await run({ texts: ['jpeg=30'], splits: ['train'], force: true })) as [PreparedLevel];
      expect([again.written, again.kept]).to.deep.equal([7, 1]);
      expect(again.manifest).to.deep.equal(whole.manifest);
      expect((await openDataset(`list:${join(out, 'jpeg=30')}`)).splits).to.deep.equal(['train', 'val']);
    });

    it('makes all again with `force` where the manifest cannot be read', async () => {
      await run({ texts: ['jpeg=30'] });
      await writeFile(join(out, 'jpeg=30/manifest.json'), '{}');
      await expectFailure(run({ texts: ['jpeg=30'] }), 'E_DISTORT_DAMAGED', '--force');
      expect(counts(await run({ texts: ['jpeg=30'], splits: ['val'], force: true }))).to.deep.equal([[2, 0]]);
    });

    it('of another split keeps the first', async () => {
      await run({ texts: ['jpeg=30'], splits: ['val'] });
      expect((await openDataset(`list:${join(out, 'jpeg=30')}`)).splits).to.deep.equal(['val']);
      expect(counts(await run({ texts: ['jpeg=30'], splits: ['train'] }))).to.deep.equal([[6, 2]]);
      expect((await openDataset(`list:${join(out, 'jpeg=30')}`)).splits).to.deep.equal(['train', 'val']);
    });
  });

  describe('an interruption', () => {
    it('by a signal leaves what the next run keeps', async () => {
      const controller = new AbortController();
      const progress = ({ done }: { done: number }): void => {
        if (done === 3) controller.abort();
      };
      const stopped = run({ parallel: 1, progress, signal: controller.signal });
      expect(await stopped.catch((error: unknown) => error)).to.equal(controller.signal.reason);
      expect(counts(await run())).to.deep.equal([
        [5, 3],
        [5, 3],
      ]);
      expect(await contentOf(join(out, 'jpeg=30'))).not.to.include.keys(JOURNAL);
    });

    it('of a run with `force` leaves what a run without it has to make yet, and the splits that were to stay', async () => {
      await run({ texts: ['jpeg=30'] });
      const controller = new AbortController();
      const progress = ({ done }: { done: number }): void => {
        if (done === 2) controller.abort();
      };
      const options = { texts: ['jpeg=30'], splits: ['train'] };
      await run({ ...options, force: true, parallel: 1, progress, signal: controller.signal }).catch(() => {});
      expect(await contentOf(join(out, 'jpeg=30'))).not.to.include.keys('dataset.json');
      expect(counts(await run(options))).to.deep.equal([[4, 4]]);
      expect((await openDataset(`list:${join(out, 'jpeg=30')}`)).splits).to.deep.equal(['train', 'val']);
    });

    it('by kill -9 leaves what the next run keeps, and the result is that of a run left alone', async () => {
      await writeListDataset(source, { train: Array.from({ length: 60 }, (_, i) => `n${i}`) });
      const script = programOf('./support/run-prepare', import.meta.url);
      const child = spawn(process.execPath, [...script, source, out, ...LEVELS]);
      child.stdout.on('data', (piece: Buffer) => {
        if (
          piece
            .toString()
            .split('\n')
            .some((done) => Number(done) >= 10)
        )
          child.kill('SIGKILL');
      });
      expect(await once(child, 'close')).to.deep.equal([null, 'SIGKILL']);
      expect(await contentOf(join(out, 'jpeg=30')))
        .to.include.keys(JOURNAL)
        .and.not.to.include.keys('manifest.json');

      const resumed = await run();
      for (const [written, kept] of counts(resumed)) {
        expect(kept).to.be.at.least(10);
        expect(written + kept).to.equal(120);
      }
      const content = await contentOf(out);
      await rm(out, { recursive: true });
      await run();
      expect(content).to.deep.equal(await contentOf(out));
    });

    it('within a line of the journal, or within a file, costs that file alone', async () => {
      const controller = new AbortController();
      const progress = ({ done }: { done: number }): void => {
        if (done === 4) controller.abort();
      };
      await run({ texts: ['jpeg=30'], parallel: 1, progress, signal: controller.signal }).catch(() => {});
      const journal = join(out, 'jpeg=30', JOURNAL);
      await writeFile(journal, (await readFile(journal, 'utf8')).slice(0, -20));
      const dead = spawn(process.execPath, ['-e', '']);
      await once(dead, 'close');
      const half = join(out, `jpeg=30/images/.c.jpg.${dead.pid}.0123abcd.tmp`);
      await writeFile(half, 'half');
      const other = join(out, `jpeg=30/images/.c.jpg.${process.pid}.0123abcd.tmp`);
      await writeFile(other, 'of a process that is running');

      expect(counts(await run({ texts: ['jpeg=30'] }))).to.deep.equal([[5, 3]]);
      expect(await stat(half).catch(() => 'gone')).to.equal('gone');
      expect(await readFile(other, 'utf8')).to.equal('of a process that is running');
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

/** Two images of one colour with labels of one class; no files. */
function proceduralDataset(): Dataset {
  const readLabel = async ({ id }: Sample): Promise<LabelMap> => ({
    data: new Uint8Array(4).fill(id === 'val/1' ? 1 : 0),
    width: 2,
    height: 2,
  });
  return {
    spec: 'colours:1',
    name: 'colours',
    root: null,
    classes: [
      { name: 'dark', color: [0, 0, 0] },
      { name: 'bright', color: [255, 255, 255] },
    ],
    ignore: 255,
    targets: labelMaps(255),
    splits: ['val'],
    samples: () => ['val/0', 'val/1'].map((id) => ({ id, image: '', label: '' })),
    readImage: async ({ id }) => ({
      data: new Uint8Array(12).fill(id === 'val/1' ? 100 : 0),
      width: 2,
      height: 2,
      channels: 3,
    }),
    readTarget: readLabel,
    readLabel,
  };
}
