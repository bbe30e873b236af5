import { link, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { keepApart, keepInputs, keepOutside } from '../../src/common/same-file.js';
import { expectFailure } from '../support/failure.js';

describe('common: outputs beside inputs', () => {
  let folder: string;
  const at = (...names: string[]): string => join(folder, ...names);
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-same-'));
    await mkdir(at('photos', 'inner'), { recursive: true });
    for (const name of ['a.png', 'inner/b.png']) await writeFile(at('photos', name), name);
    await symlink(at('photos'), at('link'));
    await symlink(at('photos', 'a.png'), at('file-link'));
    await link(at('photos', 'a.png'), at('hard-link'));
  });
  after(() => rm(folder, { recursive: true }));

  const keep = (output: string, input = at('photos', 'a.png'), whole?: true): Promise<void> =>
    keepInputs([{ name: '--out', path: output, ...(whole && { whole }) }], [{ name: 'photos', path: input }]);

  for (const [how, name] of [
    ['by its own path', 'photos/a.png'],
    ['through a link to its folder', 'link/a.png'],
    ['through a link to it', 'file-link'],
    ['by another name of the same file', 'hard-link'],
  ] as const) {
    it(`an input is not written over ${how}`, () =>
      expectFailure(keep(at(name)), 'E_USAGE', '--out', 'photos', at(name)));
  }

  it('an input is not written over by a relative path or one with ..', async () => {
    await expectFailure(keep(relative('.', at('photos/a.png'))), 'E_USAGE', '--out');
    await expectFailure(keep(`${at('photos')}/inner/../a.png`), 'E_USAGE', '--out');
  });

  it('another file, and one that is not there yet, may be written', async () => {
    await keep(at('photos/c.png'));
    await keep(at('photos/inner/b.png'));
  });

  it('a folder that is replaced as a whole holds no input, however deep', async () => {
    for (const name of ['photos', 'link', 'photos/inner']) {
      await expectFailure(keep(at(name), at('photos/inner/b.png'), true), 'E_USAGE', 'holds');
    }
    await keep(at('photos/inner'), at('photos/a.png'), true);
  });

  it('two results do not go to one file', async () => {
    const apart = (a: string, b: string): Promise<void> =>
      keepApart([
        { name: '--log', path: at(a) },
        { name: '--plot', path: at(b) },
      ]);
    await expectFailure(apart('photos/x.svg', 'link/x.svg'), 'E_USAGE', '--log', '--plot', at('photos/x.svg'));
    await apart('photos/x.svg', 'photos/inner/x.svg');
  });

  it('results do not go into a folder that is searched', async () => {
    for (const name of ['photos', 'photos/new/masks', 'link/masks']) {
      await expectFailure(keepOutside({ name: '--out', path: at(name) }, [at('photos')]), 'E_USAGE', at(name));
    }
    await keepOutside({ name: '--out', path: at('photos-masks') }, [at('photos')]);
    await keepOutside({ name: '--out', path: folder }, [at('photos')]);
  });
});
