import { expect } from 'chai';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataset } from '../../src/data/registry.js';
import { parseLevel } from '../../src/distort/level.js';
import { copyWorkload } from '../../src/pipeline/work/copies.js';

describe('pipeline: estimate of copies', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'gearnn-copies-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('a unit takes the mean of all files that a copy of the measured images holds, in every folder of it', async () => {
    const dataset = await openDataset('scenes:3@32x64');
    const slice = { split: 'train', start: 0, end: 2 };
    const images = { dataset, slice, count: 2, hash: '', inferSize: 'received' as const };
    const { bytes } = await copyWorkload(images, parseLevel('jpeg=10')).measure({ folder });
    const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path));
    const sizes = paths.map((path) => statSync(path)).map((found) => (found.isFile() ? found.size : 0));
    expect(sizes.filter((size) => size > 0)).to.have.length.above(2);
    expect(bytes).to.equal(sizes.reduce((sum, size) => sum + size) / 2);
  });
});
