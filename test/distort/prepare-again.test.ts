import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDataset } from '../../src/data/registry.js';
import { JOURNAL } from '../../src/distort/journal.js';
import type { PreparedLevel } from '../../src/distort/prepare.js';
import { expectFailure } from '../support/failure.js';
import { programOf } from '../support/programs.js';
import { contentOf, writeImage, writeLabel, writeListDataset } from './support/list-dataset.js';
import { counts, LEVELS, makePlaces, prepareIn } from './support/prepare-in.js';

describe('distort: datasets that are prepared again', () => {
  let folder: string;
  let source: string;
  let out: string;
  beforeEach(async () => {
    ({ folder, source, out } = await makePlaces());
  });
  afterEach(() => rm(folder, { recursive: true }));
  const run = (options?: Parameters<typeof prepareIn>[1]) => prepareIn({ folder, source, out }, options);

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
});
