import { expect } from 'chai';
import { copyFile, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { checkDataset } from '../../src/data/check.js';
import { contentOf } from '../../src/data/content.js';
import { openDataset } from '../../src/data/registry.js';
import { writeListDataset } from '../../src/data/write-list.js';
import { encodePng } from '../../src/image/encode.js';
import { expectFailure } from '../support/failure.js';
import { temporaryFolder, write } from './support/folders.js';

/** One colour, so that images can be told apart. */
async function png(value: number, width = 4, height = 4): Promise<Uint8Array> {
  return encodePng({ data: new Uint8Array(width * height * 3).fill(value), width, height, channels: 3 });
}

describe('data: imagefolder', () => {
  const folder = temporaryFolder();
  let root: string;
  let count = 0;

  beforeEach(async () => {
    root = join(folder(), String(count++));
    await mkdir(root);
  });

  async function fill(paths: string[]): Promise<void> {
    for (const [i, path] of paths.entries()) await write(root, path, await png(i));
  }

  it('numbers classes of all splits by their names’ code points, and reads folders within a class’s', async () => {
    await fill(['train/b/1.png', 'train/B/2.PNG', 'train/a/deep/er/3.png', 'val/c/4.png', 'test/a/5.png']);
    const dataset = await openDataset(`imagefolder:${root}`);
    expect(dataset.classes.map(({ name }) => name)).to.deep.equal(['B', 'a', 'b', 'c']);
    expect(dataset.splits).to.deep.equal(['train', 'val', 'test']);
    expect(dataset.samples('train')).to.deep.equal([
      { id: 'B/2', image: 'train/B/2.PNG', label: 'B' },
      { id: 'a/deep/er/3', image: 'train/a/deep/er/3.png', label: 'a' },
      { id: 'b/1', image: 'train/b/1.png', label: 'b' },
    ]);
    const targets = dataset.samples('train').map((sample) => dataset.readTarget(sample));
    expect(await Promise.all(targets)).to.deep.equal([0, 1, 2]);
  });

  it('samples go class by class in turn, so that the first so many are of all classes', async () => {
    await fill(['train/a/1.png', 'train/a/2.png', 'train/a/3.png', 'train/b/4.png', 'train/c/5.png', 'train/c/6.png']);
    const ids = (await openDataset(`imagefolder:${root}`)).samples('train').map(({ id }) => id);
    expect(ids).to.deep.equal(['a/1', 'b/4', 'c/5', 'a/2', 'c/6', 'a/3']);
  });

  it('leaves droppings and files alone that are no images', async () => {
    await fill([
      'train/a/1.png',
      'train/a/._1.png',
      'train/a/notes.txt',
      'train/.DS_Store/2.png',
      'train/__MACOSX/3.png',
    ]);
    await writeFile(join(root, 'train', 'README.md'), 'x');
    const dataset = await openDataset(`imagefolder:${root}`);
    expect(dataset.classes.map(({ name }) => name)).to.deep.equal(['a']);
    expect(dataset.samples('train').map(({ id }) => id)).to.deep.equal(['a/1']);
  });

  it('tells files apart that differ in their extension alone', async () => {
    await fill(['train/a/1.png', 'train/a/1.webp', 'train/a/2.png']);
    const ids = (await openDataset(`imagefolder:${root}`)).samples('train').map(({ id }) => id);
    expect(ids).to.deep.equal(['a/1.png', 'a/1.webp', 'a/2']);
  });

  it('without a folder train holds a fifth out, which a new image does not change', async () => {
    await fill(Array.from({ length: 400 }, (_, i) => `${i % 2 ? 'cat' : 'dog'}/${i}.png`));
    const before = await openDataset(`imagefolder:${root}`);
    const held = before.samples('val').map(({ image }) => image);
    expect(held.length).to.be.within(60, 100);
    expect(held.length + before.samples('train').length).to.equal(400);
    await write(root, 'cat/new.png', await png(0));
    const after = (await openDataset(`imagefolder:${root}`)).samples('val').map(({ image }) => image);
    expect(after.filter((image) => image !== 'cat/new.png')).to.deep.equal(held);
  });

  it('turns images upright by their EXIF orientation', async () => {
    await mkdir(join(root, 'train/a'), { recursive: true });
    const pixels = sharp({ create: { width: 6, height: 2, channels: 3, background: '#888' } });
    await pixels.jpeg().withMetadata({ orientation: 6 }).toFile(join(root, 'train/a/1.jpg'));
    const dataset = await openDataset(`imagefolder:${root}`);
    const { width, height } = await dataset.readImage(dataset.samples('train')[0]!);
    expect([width, height]).to.deep.equal([2, 6]);
  });

  it('a folder without images, or none at all, is an error that says what is expected', async () => {
    await mkdir(join(root, 'train', 'a'), { recursive: true });
    await expectFailure(openDataset(`imagefolder:${root}`), 'E_DATA_ROOT', root, '1 such folder without an image');
    await expectFailure(openDataset(`imagefolder:${root}/none`), 'E_DATA_ROOT', 'no such folder', 'train/CLASS/');
  });

  it('a check names classes without images, images of two classes and images of two splits', async () => {
    await fill(['train/a/1.png', 'train/b/2.png', 'val/a/3.png', 'val/b/4.png']);
    await mkdir(join(root, 'train', 'empty'));
    await copyFile(join(root, 'train/a/1.png'), join(root, 'train/b/same.png'));
    await copyFile(join(root, 'train/b/2.png'), join(root, 'val/b/again.png'));
    const { problems, warnings } = await checkDataset(`imagefolder:${root}`);
    expect(problems).to.deep.equal([]);
    expect(warnings.map(({ kind }) => kind)).to.have.members(['class-absent', 'two-classes', 'same-image']);
    const text = warnings.map(({ message }) => message).join('\n');
    expect(text).to.contain('2 (empty) occurs nowhere');
    expect(text).to.contain('1 image has several classes: train a/1 is a, train b/same is b');
  });

  it('a link to a folder above does not lead round', async () => {
    await fill(['train/a/1.png']);
    await symlink(join(root, 'train'), join(root, 'train/a/up'));
    expect((await openDataset(`imagefolder:${root}`)).samples('train')).to.have.length(1);
  });

  it('as a list, written by gearnn data render, it has the same classes, targets and pixels', async () => {
    await fill(['train/traffic light/1.png', 'train/b/2.png', 'val/b/3.png']);
    const dataset = await openDataset(`imagefolder:${root}`);
    const out = join(root, 'list');
    await writeListDataset(dataset, out);
    const list = await openDataset(`list:${out}`);
    expect(list.targets).to.equal(dataset.targets);
    expect(list.classes).to.deep.equal(dataset.classes);
    for (const [i, sample] of dataset.samples('train').entries()) {
      const copy = list.samples('train')[i]!;
      expect(await list.readTarget(copy)).to.equal(await dataset.readTarget(sample));
      expect(await list.readImage(copy)).to.deep.equal(await dataset.readImage(sample));
    }
  });

  it('the content of samples is another one where a class is', async () => {
    const description = {
      task: 'classification',
      classes: ['a', 'b'].map((name, id) => ({ name, color: [id, 0, 0] })),
      splits: { train: 'train.txt' },
    };
    await fill(['1.png']);
    await writeFile(join(root, 'dataset.json'), JSON.stringify(description));
    const hashes: string[] = [];
    for (const name of ['a', 'b']) {
      await writeFile(join(root, 'train.txt'), `1.png ${name}\n`);
      const dataset = await openDataset(`list:${root}`);
      hashes.push(await contentOf(dataset, dataset.samples('train')));
    }
    expect(hashes[0]).not.to.equal(hashes[1]);
    await writeFile(join(root, 'train.txt'), '1.png c\n');
    await expectFailure(openDataset(`list:${root}`), 'E_DATA_LIST', 'train.txt:1', '"c"', 'a, b');
    await rm(root, { recursive: true });
  });
});
