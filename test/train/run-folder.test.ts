import { expect } from 'chai';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomic } from '../../src/common/files.js';
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

  it('replaced by force by results of another form, it holds the new ones alone', async () => {
    const write = (names: string[]) => async (): Promise<void> => {
      for (const name of names) await writeFileAtomic(join(root, name), name);
    };
    const [checkpoint, adaptor] = [
      ['config.json', 'model.safetensors'],
      ['adaptor.safetensors', 'adaptor_config.json'],
    ];
    await withRunFolder(root, {}, write([...checkpoint!, 'notes.txt']));
    const failed = withRunFolder(root, { force: true }, () => Promise.reject(new Error('no')));
    expect(await failed.catch((error: Error) => error.message)).to.equal('no');
    expect(readdirSync(root).sort()).to.deep.equal([...checkpoint!, 'notes.txt']);
    await withRunFolder(root, { force: true }, write(adaptor!));
    expect(readdirSync(root).sort()).to.deep.equal([...adaptor!, 'notes.txt']);
    await withRunFolder(root, { force: true }, write(adaptor!));
    expect(readdirSync(root).sort()).to.deep.equal([...adaptor!, 'notes.txt']);
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
