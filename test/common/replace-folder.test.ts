import { expect } from 'chai';
import { mkdtempSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replaceFolder } from '../../src/common/files.js';

describe('common: replaceFolder', () => {
  let folder: string;
  const at = (...path: string[]): string => join(folder, ...path);
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gearnn-replace-'));
    await mkdir(at('new', 'inner'), { recursive: true });
    await writeFile(at('new', 'inner', 'a.txt'), 'new');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('puts a copy where there is nothing, folders above it too', async () => {
    await replaceFolder(at('new'), at('deep', 'target'));
    expect(await readFile(at('deep', 'target', 'inner', 'a.txt'), 'utf8')).to.equal('new');
    expect(await readdir(at('deep'))).to.deep.equal(['target']);
  });

  it('leaves nothing of the folder that was there', async () => {
    await mkdir(at('target'));
    await writeFile(at('target', 'old.txt'), 'old');
    await replaceFolder(at('new'), at('target'));
    expect(await readdir(at('target'))).to.deep.equal(['inner']);
    expect((await readdir(folder)).sort()).to.deep.equal(['new', 'target']);
  });

  it('writes nothing where all is the same', async () => {
    await replaceFolder(at('new'), at('target'));
    const before = await stat(at('target'));
    await replaceFolder(at('new'), at('target'));
    expect((await stat(at('target'))).ino).to.equal(before.ino);
    await writeFile(at('new', 'inner', 'a.txt'), 'newer');
    await replaceFolder(at('new'), at('target'));
    expect(await readFile(at('target', 'inner', 'a.txt'), 'utf8')).to.equal('newer');
  });

  it('keeps what was there where the copy cannot be made', async () => {
    await mkdir(at('target'));
    await writeFile(at('target', 'old.txt'), 'old');
    const error = await replaceFolder(at('none'), at('target')).catch((reason: NodeJS.ErrnoException) => reason);
    expect(error).to.have.property('code', 'ENOENT');
    expect(await readFile(at('target', 'old.txt'), 'utf8')).to.equal('old');
    expect((await readdir(folder)).sort()).to.deep.equal(['new', 'target']);
  });
});
