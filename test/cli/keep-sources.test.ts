import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepInputs } from '../../cli/keep-inputs.js';
import { keepSources } from '../../cli/keep-sources.js';
import { findSources } from '../../src/serve/sources.js';
import { writeListDataset } from '../distort/support/list-dataset.js';
import { expectFailure } from '../support/failure.js';

describe('cli: what is read is not written over', () => {
  let folder: string;
  const at = (...names: string[]): string => join(folder, ...names);
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-keep-'));
    for (const name of [
      'photos/a.png',
      'photos/inner/b.jpg',
      'clip/000001.png',
      'clip.mp4',
      'base/config.json',
      'base/notes.json',
    ]) {
      await mkdir(join(at(name), '..'), { recursive: true });
      await writeFile(at(name), name);
    }
    await symlink(at('photos'), at('link'));
    await writeListDataset(at('data'), { train: ['a'], val: ['b'] });
  });
  after(() => rm(folder, { recursive: true }));

  const infer = async (
    sources: string[],
    written: { out?: string; jsonl?: string; overlay?: string },
  ): Promise<void> => {
    const paths = sources.map((source) => at(source));
    const { images, videos } = await findSources(paths);
    await keepSources(paths, images, videos, { checkpoint: at('base'), adaptors: at('base'), ...written });
  };

  it('infer: masks do not replace the images, through links neither', async () => {
    await expectFailure(infer(['photos'], { out: at('photos') }), 'E_USAGE', '--out', at('photos/a.png'));
    await expectFailure(infer(['photos/a.png'], { out: at('link') }), 'E_USAGE', '--out', at('link/a.png'));
  });

  it('infer: masks do not lie where the next run looks for images', async () => {
    await expectFailure(infer(['photos'], { out: at('photos/masks') }), 'E_USAGE', '--out', at('photos/masks'));
    await expectFailure(infer(['photos/inner'], { out: at('link/inner/x') }), 'E_USAGE', '--out');
    await infer(['photos'], { out: at('masks') });
    await infer(['photos/inner/b.jpg'], { out: at('photos/inner') });
  });

  it('infer: logs and overlays replace neither sources nor the network nor each other', async () => {
    await expectFailure(infer(['photos/a.png'], { jsonl: at('photos/a.png') }), 'E_USAGE', '--jsonl');
    await expectFailure(
      infer(['photos/a.png'], { jsonl: at('base/config.json') }),
      'E_USAGE',
      '--jsonl',
      '--checkpoint',
    );
    await expectFailure(infer(['clip.mp4'], { overlay: at('clip.mp4') }), 'E_USAGE', '--overlay', at('clip.mp4'));
    await expectFailure(infer(['clip.mp4'], { overlay: at('x'), jsonl: at('x') }), 'E_USAGE', '--overlay', '--jsonl');
    await infer(['photos/a.png'], { jsonl: at('base/notes.json') });
  });

  it('infer: the folder of a video holds no image that is read, and no mask of one', async () => {
    await expectFailure(infer(['clip.mp4', 'clip/000001.png'], { out: folder }), 'E_USAGE', 'clip');
    await mkdir(at('tree/clip'), { recursive: true });
    await writeFile(at('tree/clip/x.png'), '');
    await expectFailure(
      infer(['clip.mp4', 'tree'], { out: at('masks') }),
      'E_USAGE',
      join('clip', 'x.png'),
      'clip.mp4',
    );
  });

  it('lists, labels and images of a dataset are inputs', async () => {
    for (const name of ['dataset.json', 'train.txt', 'images/a.png', 'labels/b.png']) {
      const trial = keepInputs({ files: { '--log': at('data', name) } }, { data: { '--data': `list:${at('data')}` } });
      await expectFailure(trial, 'E_USAGE', '--log', '--data', at('data', name));
    }
    await keepInputs({ files: { '--log': at('data/new.txt') } }, { data: { '--data': `list:${at('data')}` } });
  });
});
