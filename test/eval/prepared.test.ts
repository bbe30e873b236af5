import { cp, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deriveDataset } from '../../src/data/derive.js';
import { openDataset } from '../../src/data/registry.js';
import { parseLevel } from '../../src/distort/level.js';
import { MANIFEST } from '../../src/distort/manifest.js';
import { prepare } from '../../src/distort/prepare.js';
import { requireCopies } from '../../src/eval/prepared.js';
import { range, writeRecordings } from '../distort/support/recording.js';
import { writeImage, writeLabel, writeListDataset } from '../distort/support/list-dataset.js';
import { expectFailure } from '../support/failure.js';

const LEVEL = 'jpeg=20';

describe('eval: prepared copies', () => {
  let folder: string;
  const at = (name: string): string => join(folder, name);
  const spec = (name: string): string => `list:${at(name)}`;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-prepared-'));
    await writeListDataset(at('own'), { train: ['a', 'b'], val: ['c'] });
    await prepare({ dataset: await openDataset(spec('own')), levels: [parseLevel(LEVEL)], out: at('copies') });
  });
  after(() => rm(folder, { recursive: true }));

  /** A copy of the dataset `own`, changed. */
  async function other(name: string, change: (root: string) => Promise<unknown>): Promise<string> {
    await cp(at('own'), at(name), { recursive: true });
    await change(at(name));
    return spec(name);
  }

  it('of the dataset are taken, at a level that is written in another way too', () =>
    requireCopies(at('copies'), spec('own'), [LEVEL, 'jpeg=020']));

  it('are taken when the dataset lies elsewhere by now, and when the copies do', async () => {
    await cp(at('own'), at('moved'), { recursive: true });
    await requireCopies(at('copies'), spec('moved'), [LEVEL]);
    await rename(at('own'), at('renamed'));
    await requireCopies(at('copies'), spec('renamed'), [LEVEL]);
    await rename(at('renamed'), at('own'));
    await cp(at('copies'), at('moved-copies'), { recursive: true });
    await requireCopies(at('moved-copies'), spec('own'), [LEVEL]);
  });

  it('of some of the samples are taken', async () => {
    const dataset = await openDataset(spec('own'));
    const samples = dataset.samples('train').slice(1);
    const part = deriveDataset(dataset, { splits: ['train'], samples: () => samples });
    await prepare({ dataset: part, levels: [parseLevel(LEVEL)], out: at('part') });
    await requireCopies(at('part'), spec('own'), [LEVEL]);
  });

  it('are taken without the images that they were made of', async () => {
    const without = await other('without', (root) => rm(join(root, 'images'), { recursive: true }));
    await requireCopies(at('copies'), without, [LEVEL]);
  });

  it('of a dataset with the same names are refused where an image or a label is another', async () => {
    const image = await other('image', (root) => writeImage(join(root, 'images/a.png'), 'another'));
    await expectFailure(requireCopies(at('copies'), image, [LEVEL]), 'E_USAGE', image, spec('own'), 'images/a.png');
    const label = await other('label', (root) => cp(join(root, 'labels/b.png'), join(root, 'labels/a.png')));
    await expectFailure(requireCopies(at('copies'), label, [LEVEL]), 'E_USAGE', 'another labels/a.png');
  });

  it('are refused for any label or image of any split that was mended since, and what was not mended is taken', async () => {
    const label = await other('mended-label', (root) => writeLabel(join(root, 'labels/c.png'), 'mended'));
    await expectFailure(requireCopies(at('copies'), label, [LEVEL]), 'E_USAGE', 'another labels/c.png');
    await expectFailure(
      requireCopies(at('copies'), label, [LEVEL], { parts: [{ split: 'val' }] }),
      'E_USAGE',
      'labels/c',
    );
    await requireCopies(at('copies'), label, [LEVEL], { parts: [{ split: 'train' }] });
    const image = await other('mended-image', (root) => writeImage(join(root, 'images/b.png'), 'mended'));
    const parts = (end: number) => ({ parts: [{ split: 'train', start: 0, end }] });
    await requireCopies(at('copies'), image, [LEVEL], parts(1));
    await expectFailure(requireCopies(at('copies'), image, [LEVEL], parts(2)), 'E_USAGE', 'another images/b.png');
    await requireCopies(at('copies'), image, [LEVEL], { parts: [{ split: 'train', ids: ['images/a'] }] });
  });

  it('of a split that has more samples by now, or in another order, are refused', async () => {
    const more = await other('more', async (root) => {
      await writeListDataset(root, { train: ['a', 'b'], val: ['c', 'g'] });
    });
    const val = { parts: [{ split: 'val' }] };
    await expectFailure(requireCopies(at('copies'), more, [LEVEL], val), 'E_USAGE', 'without images/g.png');
    const turned = await other('turned', (root) => writeListDataset(root, { train: ['b', 'a'], val: ['c'] }));
    const first = { parts: [{ split: 'train', start: 0, end: 1 }] };
    await expectFailure(
      requireCopies(at('copies'), turned, [LEVEL], first),
      'E_USAGE',
      'images/a.png in another place',
    );
  });

  it('whose files or lists are not what their manifest says are refused', async () => {
    for (const file of ['labels/b.png', 'val.txt', 'dataset.json']) {
      await cp(at('copies'), at('damaged'), { recursive: true });
      await writeFile(join(at('damaged'), LEVEL, file), 'other');
      await expectFailure(requireCopies(at('damaged'), spec('own'), [LEVEL]), 'E_DISTORT_DAMAGED', file);
      await rm(at('damaged'), { recursive: true });
    }
  });

  it('in folders of which two are of one level are refused', async () => {
    await cp(at('copies'), at('twins'), { recursive: true });
    await cp(join(at('copies'), LEVEL), join(at('twins'), 'jpeg=020'), { recursive: true });
    await expectFailure(requireCopies(at('twins'), spec('own'), [LEVEL]), 'E_USAGE', LEVEL, 'jpeg=020');
  });

  it('of a dataset with other names are refused', async () => {
    await writeListDataset(at('names'), { train: ['a', 'b'], val: ['d'] });
    const failure = requireCopies(at('copies'), spec('names'), [LEVEL]);
    await expectFailure(failure, 'E_USAGE', join(at('copies'), LEVEL), `${spec('names')} has no images/c.png`);
  });

  it('of a dataset with other classes are refused', async () => {
    const classes = await other('classes', async (root) => {
      const text = await readFile(join(root, 'dataset.json'), 'utf8');
      await writeFile(join(root, 'dataset.json'), text.replace('road', 'path'));
    });
    await expectFailure(requireCopies(at('copies'), classes, [LEVEL]), 'E_USAGE', 'other classes');
  });

  it('of scenes of another seed are refused', async () => {
    const dataset = await openDataset('scenes:7@16x24');
    await prepare({ dataset, levels: [parseLevel(LEVEL)], out: at('scenes'), splits: ['val'] });
    await requireCopies(at('scenes'), 'scenes:7@16x24', [LEVEL]);
    await expectFailure(requireCopies(at('scenes'), 'scenes:8@16x24', [LEVEL]), 'E_USAGE', 'another val/0000');
  });

  it('in a folder with the name of another level are refused', async () => {
    await cp(join(at('copies'), LEVEL), join(at('levels'), 'jpeg=30'), { recursive: true });
    await expectFailure(requireCopies(at('levels'), spec('own'), ['jpeg=30']), 'E_USAGE', `at ${LEVEL}: another level`);
  });

  it('of coded sequences are told apart too', async () => {
    const sequence = parseLevel('resolution=0.5x-gop4');
    for (const [name, recording] of [
      ['first', 'a'],
      ['second', 'b'],
    ] as const)
      await writeRecordings(at(name), { val: { [recording]: range(0, 3) } }, 1);
    await prepare({ dataset: await openDataset(spec('first')), levels: [sequence], out: at('sequences') });
    await requireCopies(at('sequences'), spec('first'), [sequence.text]);
    await expectFailure(requireCopies(at('sequences'), spec('second'), [sequence.text]), 'E_USAGE', 'a_0000.png');
  });

  it('that nobody has prepared so, lists of their own in such folders, are taken as they are', async () => {
    await cp(at('copies'), at('lists'), { recursive: true });
    await rm(join(at('lists'), LEVEL, MANIFEST));
    await requireCopies(at('lists'), 'scenes', [LEVEL]);
  });

  it('that are not there are passed over, and their folder has to be one', async () => {
    await requireCopies(at('copies'), 'scenes', ['jpeg=50']);
    await expectFailure(requireCopies(at('nowhere'), spec('own'), [LEVEL]), 'E_DATA_ROOT', at('nowhere'), 'no such');
    const file = join(at('own'), 'train.txt');
    await expectFailure(requireCopies(file, spec('own'), [LEVEL]), 'E_DATA_ROOT', file, 'a file');
  });
});
