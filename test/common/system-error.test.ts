import { expect } from 'chai';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { getSystemErrorMap } from 'node:util';
import { writeFileAtomic } from '../../src/common/files.js';
import { makeFolder, makeFolderSync } from '../../src/common/folders.js';
import { lookalike } from '../../src/common/lookalike.js';
import { readFile as readNamed } from '../../src/common/read-file.js';
import { explainSystemError } from '../../src/common/system-error.js';
import { packError, unpackError } from '../../src/common/wire.js';
import { settle } from '../../src/common/outcome.js';

describe('common: what the system says', () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(join(tmpdir(), 'gearnn-system-'))));
  after(() => rm(folder, { recursive: true, force: true }));

  const explain = async (action: () => Promise<unknown>) => explainSystemError(await settle(action));

  it('every code of the system is explained, with the path, the code and what to do', () => {
    for (const [errno, [code]] of getSystemErrorMap()) {
      const error = Object.assign(new Error(`${code}: x, open 'a/b'`), { code, errno, path: 'a/b', syscall: 'open' });
      const { message, parts } = explainSystemError(error)!;
      expect(message).to.match(new RegExp(`^a/b: expected .*\\(${code}\\)\\. [A-Z].*\\.$`));
      expect(parts.todo).not.to.contain('{');
    }
  });

  for (const [code, own] of Object.entries({
    ENAMETOOLONG: 'E_FILE_NAME',
    ELOOP: 'E_FILE_LOOP',
    EMFILE: 'E_FILES_OPEN',
    ENFILE: 'E_FILES_OPEN',
    EFBIG: 'E_FILE_SIZE',
    EROFS: 'E_FILE_ACCESS',
    EACCES: 'E_FILE_ACCESS',
    EPERM: 'E_FILE_ACCESS',
    EDQUOT: 'E_DISK_FULL',
    ENOSPC: 'E_DISK_FULL',
    EISDIR: 'E_FILE_KIND',
    ENOTDIR: 'E_FILE_KIND',
    EIO: 'E_DISK_ERROR',
    ESTALE: 'E_DISK_ERROR',
    EBUSY: 'E_FILE_BUSY',
    ETXTBSY: 'E_FILE_BUSY',
    EXDEV: 'E_FILE_DEVICE',
    ENOTEMPTY: 'E_FILE_TAKEN',
    EEXIST: 'E_FILE_TAKEN',
    ENOENT: 'E_FILE_MISSING',
    ENOMEM: 'E_MEMORY',
    ENOTSOCK: 'E_SYSTEM',
  })) {
    it(`${code} is ${own}, also when it comes from another thread`, () => {
      const errno = -constants.errno[code as keyof typeof constants.errno];
      // As Node names it, which knows not all of them.
      const named = getSystemErrorMap().get(errno)?.[0] ?? `Unknown system error ${errno}`;
      const error = Object.assign(new Error(named), { code: named, errno, path: 'p' });
      expect(explainSystemError(error)).to.include({ code: own });
      expect(explainSystemError(unpackError(packError(error)))).to.include({ code: own });
    });
  }

  it('an error of gearnn itself is none of the system', () => {
    expect(explainSystemError(new TypeError('x is not a function'))).to.equal(undefined);
  });

  it('a NUL in a path, links in a circle and a folder read as a file name the path', async () => {
    await symlink('b', join(folder, 'a'));
    await symlink('a', join(folder, 'b'));
    expect((await explain(() => readNamed('x\0y')))!.message).to.match(/^x\\x00y: expected a path without a NUL/);
    expect((await explain(() => readNamed(join(folder, 'a'))))!.message).to.match(/\/a: .*\(ELOOP\)/);
    expect((await explain(() => readNamed(folder)))!.parts.where).to.equal(folder);
  });

  for (const name of ['x'.repeat(255), 'é'.repeat(127), '日'.repeat(85)]) {
    it(`a name of ${Buffer.byteLength(name)} bytes in ${name.length} characters can be written`, async () => {
      await writeFileAtomic(join(folder, 'names', name), 'text');
      expect(await readFile(join(folder, 'names', name), 'utf8')).to.equal('text');
    });
  }

  it('folders are made where several are missing, and where they are there', async () => {
    await Promise.all([makeFolder(join(folder, 'f/g/h')), makeFolder(join(folder, 'f/g/i'))]);
    makeFolderSync(join(folder, 'f/g/h/k/l'));
    await makeFolder(join(folder, 'f/g/h/k/l'));
    expect((await readdir(join(folder, 'f'), { recursive: true })).sort()).to.include.members(['g/h/k/l', 'g/i']);
  });

  it('a file in the place of a folder is told as that', async () => {
    await writeFile(join(folder, 'taken'), '');
    const known = await explain(() => makeFolder(join(folder, 'taken/x')));
    expect(known).to.include({ code: 'E_FILE_TAKEN' });
    expect(known!.message)
      .to.contain(`${join(folder, 'taken')}: `)
      .and.to.contain('a file in the place of a folder');
  });

  it('a folder that cannot be made, as in /proc, is an error and no loop', async function () {
    if (process.platform !== 'linux') return this.skip();
    const [known, sync] = [
      await explain(() => makeFolder('/proc/gearnn/x')),
      await explain(async () => makeFolderSync('/proc/gearnn/x')),
    ];
    expect([known!.code, known!.parts.where]).to.deep.equal(['E_FILE_ACCESS', '/proc/gearnn']);
    expect(sync!.code).to.equal('E_FILE_ACCESS');
  });
});

describe('common: lookalike', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-alike-'));
    await mkdir(join(folder, 'Größe'.normalize('NFD')));
    await writeFile(join(folder, 'Größe'.normalize('NFD'), 'Photo.png'), '');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('finds a name in another Unicode form, in a folder above as well', async () => {
    const path = join(folder, 'Größe'.normalize('NFC'), 'Photo.png');
    expect(await lookalike(path))
      .to.contain('Unicode')
      .and.to.contain('NFD');
  });

  it('finds a name in other case', async () => {
    expect(await lookalike(join(folder, 'Größe'.normalize('NFD'), 'photo.PNG'))).to.contain('upper and lower case');
  });

  it('says nothing of what is there, or of nothing alike', async () => {
    expect(await lookalike(folder)).to.equal(undefined);
    expect(await lookalike(join(folder, `${basename(folder)}-other`))).to.equal(undefined);
  });

  it('names a ~ that no shell has replaced', async () => {
    expect(await lookalike('~/runs/base')).to.contain('~');
  });
});
