import { expect } from 'chai';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { openDataset } from '../../src/data/registry.js';
import { distort } from '../../src/distort/distort.js';
import { parseLevel } from '../../src/distort/level.js';
import { prepare } from '../../src/distort/prepare.js';
import { verify } from '../../src/distort/verify.js';
import { requireCopies } from '../../src/eval/prepared.js';
import { makers, temporaryFolder } from '../data/support/folders.js';
import { expectFailure } from '../support/failure.js';

const LEVEL = parseLevel('jpeg=10');

describe('distort: pictures with one class each', () => {
  const folder = temporaryFolder();
  let spec: string;
  let out: string;

  before(async () => {
    await mkdir(join(folder(), 'data'));
    spec = await makers['imagefolder']!(join(folder(), 'data'));
    out = join(folder(), 'out');
    await prepare({ dataset: await openDataset(spec), levels: [LEVEL], out });
  });

  it('become a list with the same classes and targets, and pictures at the level', async () => {
    const [clean, copy] = [await openDataset(spec), await openDataset(`list:${join(out, LEVEL.text)}`)];
    expect(copy.classes).to.deep.equal(clean.classes);
    expect(copy.targets).to.equal(clean.targets);
    for (const [i, sample] of clean.samples('val').entries()) {
      const other = copy.samples('val')[i]!;
      expect(await copy.readTarget(other)).to.equal(await clean.readTarget(sample));
      expect(await copy.readImage(other)).to.deep.equal(await distort(await clean.readImage(sample), LEVEL));
    }
    const list = await readFile(join(out, LEVEL.text, 'val.txt'), 'utf8');
    expect(list.split('\n')[0]).to.equal('val/alley/1.jpg alley');
  });

  it('are found right, and made again where nothing is to do without a file written', async () => {
    const dataset = await openDataset(spec);
    expect(await verify({ out, dataset })).to.deep.equal([]);
    const [again] = await prepare({ dataset, levels: [LEVEL], out });
    expect([again!.written, again!.kept]).to.deep.equal([0, 8]);
    await requireCopies(out, spec, [LEVEL.text]);
  });

  it('of another class in the source are no copy of it', async () => {
    const root = join(folder(), 'data');
    await rename(join(root, 'val/street/0.png'), join(root, 'val/alley/0.png'));
    await expectFailure(requireCopies(out, spec, [LEVEL.text], { parts: [{ split: 'val' }] }), 'E_USAGE', 'val/');
    await rename(join(root, 'val/alley/0.png'), join(root, 'val/street/0.png'));
  });
});
