import { expect } from 'chai';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataset } from '../../src/data/registry.js';
import { JOURNAL } from '../../src/distort/journal.js';
import { parseLevel } from '../../src/distort/level.js';
import { MANIFEST } from '../../src/distort/manifest.js';
import { prepare } from '../../src/distort/prepare.js';
import { verify, type VerifyOptions } from '../../src/distort/verify.js';
import { expectFailure } from '../support/failure.js';
import { contentOf, writeImage, writeLabel, writeListDataset } from './support/list-dataset.js';

describe('distort: verification', () => {
  let folder: string;
  let source: string;
  let out: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-verify-'));
    source = join(folder, 'source');
    out = join(folder, 'out');
    await writeListDataset(source, { train: ['a', 'b'], val: ['c'] });
    await prepareAll();
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function prepareAll(): Promise<void> {
    const dataset = await openDataset(`list:${source}`);
    await prepare({ dataset, levels: ['jpeg=30', 'brightness=0.5'].map(parseLevel), out });
  }

  async function problems(options: Partial<VerifyOptions> = {}): Promise<string[]> {
    const found = await verify({ out, ...options });
    return found.map(({ level, file, problem }) => `${level}/${file} ${problem}`);
  }

  async function problemsWithSource(): Promise<string[]> {
    return problems({ dataset: await openDataset(`list:${source}`) });
  }

  it('finds nothing wrong with what was just written, and writes nothing', async () => {
    const before = await contentOf(out);
    expect(await problemsWithSource()).to.deep.equal([]);
    expect(await contentOf(out)).to.deep.equal(before);
  });

  it('finds every file that is missing, cut short or has one bit changed; a run mends them', async () => {
    await rm(join(out, 'jpeg=30/images/a.jpg'));
    await writeFile(join(out, 'jpeg=30/labels/b.png'), (await readFile(join(out, 'jpeg=30/labels/b.png'))).subarray(1));
    const bytes = await readFile(join(out, 'brightness=0.5/images/c.png'));
    bytes[20]! ^= 1;
    await writeFile(join(out, 'brightness=0.5/images/c.png'), bytes);
    await writeFile(join(out, 'brightness=0.5/val.txt'), '');
    await rm(join(out, 'jpeg=30/dataset.json'));
    expect(await problems()).to.have.members([
      'jpeg=30/images/a.jpg is missing or has changed since it was written',
      'jpeg=30/labels/b.png is missing or has changed since it was written',
      'brightness=0.5/images/c.png is missing or has changed since it was written',
      'brightness=0.5/val.txt is missing or does not say what the manifest says',
      'jpeg=30/dataset.json is missing or does not say what the manifest says',
    ]);
    await prepareAll();
    expect(await problemsWithSource()).to.deep.equal([]);
  });

  it('with the source, finds what is out of date, new and gone; a run mends them', async () => {
    await rm(join(out, 'brightness=0.5'), { recursive: true });
    await writeListDataset(source, { train: ['a', 'new'], val: ['c'] });
    await writeImage(join(source, 'images/a.png'), 'another');
    await writeLabel(join(source, 'labels/c.png'), 'another');
    expect(await problems()).to.deep.equal([]);
    expect(await problemsWithSource()).to.have.members([
      'jpeg=30/images/a.jpg is out of date: its source has changed',
      'jpeg=30/labels/c.png is out of date: its source has changed',
      'jpeg=30/images/new.jpg is missing: the source has it by now',
      'jpeg=30/labels/new.png is missing: the source has it by now',
      'jpeg=30/images/b.jpg is no longer in the source',
      'jpeg=30/labels/b.png is no longer in the source',
    ]);
    await prepareAll();
    expect(await problemsWithSource()).to.deep.equal([]);
  });

  it('finds a run that did not finish, a level that was never made and a manifest that is none', async () => {
    await writeFile(join(out, 'jpeg=30', JOURNAL), '');
    await writeFile(join(out, 'brightness=0.5/manifest.json'), '{}');
    expect(await problems({ levels: ['jpeg=30', 'brightness=0.5', 'jpeg=5'] })).to.satisfy((found: string[]) => {
      expect(found).to.have.length(3);
      expect(found[0]).to.equal(`jpeg=30/${JOURNAL} is left from a run that did not finish`);
      expect(found[1]).to.match(/^brightness=0.5\/manifest.json is missing or cannot be read/);
      expect(found[2]).to.equal('jpeg=5/manifest.json is missing or cannot be read (no such file)');
      return true;
    });
  });

  it('tells what only a run with force mends: an unreadable manifest, one that is gone, and other classes', async () => {
    await rm(join(out, 'jpeg=30/manifest.json'));
    await writeFile(join(out, 'brightness=0.5/manifest.json'), '{}');
    await prepare({ dataset: await openDataset(`list:${source}`), levels: [parseLevel('gamma=2')], out });
    await writeFile(join(out, 'gamma=2/images/a.png'), '');
    const path = join(source, 'dataset.json');
    await writeFile(path, (await readFile(path, 'utf8')).replace('road', 'street'));
    const dataset = await openDataset(`list:${source}`);
    const found = await verify({ out, levels: ['brightness=0.5', 'gamma=2', 'jpeg=30', 'jpeg=5'], dataset });
    expect(found.map(({ level, file, needsForce }) => [level, file, needsForce])).to.deep.equal([
      ['brightness=0.5', 'manifest.json', true],
      ['gamma=2', 'images/a.png', undefined],
      ['gamma=2', 'manifest.json', true],
      ['jpeg=30', 'manifest.json', true],
      ['jpeg=5', 'manifest.json', undefined],
    ]);
    for (const level of ['brightness=0.5', 'gamma=2', 'jpeg=30', 'jpeg=5'].map(parseLevel)) {
      const refused = await prepare({ dataset, levels: [level], out }).then(
        () => undefined,
        () => true,
      );
      expect(refused, level.text).to.equal(
        found.find((one) => one.level === level.text && one.file === MANIFEST)!.needsForce,
      );
      if (refused) await prepare({ dataset, levels: [level], out, force: true });
    }
    expect(await problemsWithSource()).to.deep.equal([]);
  });

  describe('of some splits', () => {
    it('leaves the files and the lists of others alone', async () => {
      for (const path of ['images/a.jpg', 'images/c.jpg', 'train.txt', 'val.txt']) {
        await writeFile(join(out, 'jpeg=30', path), '');
      }
      expect(await problems({ splits: ['val'] })).to.deep.equal([
        'jpeg=30/val.txt is missing or does not say what the manifest says',
        'jpeg=30/images/c.jpg is missing or has changed since it was written',
      ]);
    });

    it('compares those with the source alone', async () => {
      await writeListDataset(source, { train: ['new'], val: ['c', 'other'] });
      const dataset = await openDataset(`list:${source}`);
      expect(await problems({ levels: ['jpeg=30'], splits: ['val'], dataset })).to.deep.equal([
        'jpeg=30/images/other.jpg is missing: the source has it by now',
        'jpeg=30/labels/other.png is missing: the source has it by now',
      ]);
    });

    it('finds a copy that does not have one, which another has', async () => {
      const dataset = await openDataset(`list:${source}`);
      await prepare({ dataset, levels: [parseLevel('gamma=2')], out, splits: ['val'] });
      const expected = ['gamma=2/manifest.json names no split train'];
      expect(await problems({ splits: ['train'] })).to.deep.equal(expected);
      expect(await problems({ splits: ['train'], dataset, levels: ['gamma=2'] })).to.deep.equal(expected);
    });

    it('refuses one that there is not', async () => {
      await expectFailure(problems({ splits: ['tset'] }), 'E_DATA_SPLIT', 'train, val', '"tset"');
      const dataset = await openDataset(`list:${source}`);
      await expectFailure(problems({ splits: ['tset'], dataset }), 'E_DATA_SPLIT', 'train, val', '"tset"');
    });
  });

  it('finds files of other codec versions', async () => {
    const path = join(out, 'jpeg=30/manifest.json');
    await writeFile(path, (await readFile(path, 'utf8')).replace(/"vips": "[^"]*"/, '"vips": "8.0.0"'));
    expect(await problems()).to.deep.equal([
      'jpeg=30/manifest.json names other versions of the codecs than are installed',
    ]);
  });

  it('a folder without copies is an error, not a clean bill', async () => {
    await expectFailure(problems({ out: source }), 'E_DISTORT_FOLDER', 'datasets that gearnn distort has written');
    await expectFailure(problems({ out: join(folder, 'none') }), 'E_DISTORT_FOLDER', 'got none');
  });
});
