import { expect } from 'chai';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withRunFolder } from '../../src/train/run-folder.js';

describe('train: the folder of a run', () => {
  const before = process.cwd();
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'gearnn-run-folder-'));
  });
  afterEach(() => {
    process.chdir(before);
    rmSync(root, { recursive: true });
  });

  it('one that a run has left empty is removed', async () => {
    const out = join(root, 'out');
    expect(await withRunFolder(out, {}, async () => 'done')).to.equal('done');
    expect(existsSync(out)).to.equal(false);
  });

  it('`.`, which cannot be removed, keeps the results of a run that is done', async () => {
    process.chdir(root);
    const result = await withRunFolder('.', {}, async ({ path }) => {
      writeFileSync(join(path, 'config.json'), '{}');
      return 'done';
    });
    expect(result).to.equal('done');
    expect(readdirSync(root)).to.deep.equal(['config.json']);
  });
});
