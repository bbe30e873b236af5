import { expect } from 'chai';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkDataset } from '../../src/data/check.js';
import { cropWarnings } from '../../src/data/crops.js';
import { countLabels } from '../../src/data/label-counts.js';
import { openDataset } from '../../src/data/registry.js';
import { encodePng } from '../../src/image/encode.js';
import { encodeLabelMap } from '../../src/image/labels.js';
import { temporaryFolder, write } from './support/folders.js';

const SIZE = { width: 6, height: 4 };

describe('data: what labels cannot teach', () => {
  const folder = temporaryFolder();

  /** A list dataset of three classes; of each label map the ids that it holds in turn. */
  async function make(name: string, splits: Record<string, number[][]>, sameImages = false): Promise<string> {
    const root = join(folder(), name);
    for (const [split, maps] of Object.entries(splits)) {
      for (const [i, ids] of maps.entries()) {
        const value = sameImages ? 7 : split.length * 16 + i;
        const image = { data: new Uint8Array(72).fill(value), ...SIZE, channels: 3 as const };
        const data = Uint8Array.from({ length: 24 }, (_, at) => ids[at % ids.length]!);
        await write(root, `${split}/${i}.png`, await encodePng(image));
        await write(root, `${split}/l${i}.png`, encodeLabelMap({ data, ...SIZE }));
      }
      await write(root, `${split}.txt`, maps.map((_, i) => `${split}/${i}.png ${split}/l${i}.png\n`).join(''));
    }
    const classes = ['ground', 'road', 'car'].map((label) => ({ name: label, color: [0, 0, 0] }));
    const files = Object.fromEntries(Object.keys(splits).map((split) => [split, `${split}.txt`]));
    await write(root, 'dataset.json', JSON.stringify({ classes, ignore: 255, splits: files }));
    return `list:${root}`;
  }

  const warningsOf = async (spec: string): Promise<string[]> =>
    (await checkDataset(spec)).warnings.map(({ kind, split }) => `${kind} ${split}`);

  it('nothing is said of data that hold every class in every split', async () => {
    const spec = await make('whole', { train: [[0, 1, 2], [0]], val: [[2, 1, 0, 255], [1]] });
    expect(await warningsOf(spec)).to.deep.equal([]);
  });

  it('a class that occurs nowhere, and one of one split alone, are named', async () => {
    const spec = await make('absent', { train: [[0, 1], [0]], val: [[0, 255], [0]] });
    const { warnings, problems } = await checkDataset(spec);
    expect(problems).to.deep.equal([]);
    const messages = warnings.map(({ message }) => message);
    expect(messages).to.include('train and val: class 2 (car) occurs nowhere');
    expect(messages).to.include('class 1 (road) occurs in train alone, not in val');
  });

  it('labels of 0 and 255 where 255 is ignored get the id that is meant', async () => {
    const { warnings } = await checkDataset(await make('masks', { val: [[0, 255], [0]] }));
    const found = warnings.find(({ kind }) => kind === 'ignored-id')!;
    expect(found.message).to.contain('255 is ignored').and.to.contain('class 1 (road)').and.to.contain('store 1');
  });

  it('label maps that are ignored as a whole are named, some or all', async () => {
    const some = await checkDataset(await make('some', { train: [[0, 1, 2], [255]] }));
    expect(some.warnings.map(({ message }) => message).join())
      .to.contain('train/1')
      .and.to.contain('1 label map ');
    const all = await checkDataset(await make('all', { train: [[255], [255]] }));
    expect(all.warnings[0]).to.include({ kind: 'all-ignored', split: 'train' });
    expect(all.warnings[0]!.message).to.contain('nothing can be learned');
  });

  it('a split of one sample, and an image in two splits, are named', async () => {
    const spec = await make('same', { train: [[0, 1, 2]], val: [[0, 1, 2], [0]] }, true);
    expect(await warningsOf(spec)).to.deep.equal(['one-sample train', 'same-image null']);
  });

  it('what the system says of one file does not end a check', async () => {
    const spec = await make('names', { val: [[0, 1, 2], [0]] });
    const list = join(spec.slice('list:'.length), 'val.txt');
    const long = `val/${'x'.repeat(300)}.png val/l0.png\n`;
    const bytes = `val/${'ä'.repeat(150)}.png val/l0.png\n`;
    await writeFile(
      list,
      `${long}val/\0.png val/l0.png\n${bytes}val/gone.png val/l0.png\n${await readFile(list, 'utf8')}`,
    );
    const { problems } = await checkDataset(spec);
    expect(problems.map(({ code }) => code)).to.deep.equal([
      'E_DATA_LIST',
      'E_DATA_LIST',
      'E_DATA_MISSING',
      'E_DATA_MISSING',
    ]);
    expect(problems[0]!.message).to.match(/val\.txt:1: /);
    expect(problems[1]!.message).to.match(/val\.txt:2: .*NUL/);
  });

  it('a list in UTF-16 is a problem, and its lines are looked at all the same', async () => {
    const spec = await make('wide', { val: [[0, 1, 2], [0]] });
    const list = join(spec.slice('list:'.length), 'val.txt');
    const text = `\ufeffval/gone.png val/l0.png\n${await readFile(list, 'utf8')}`;
    await writeFile(list, Buffer.from(text, 'utf16le'));
    const { problems, samples } = await checkDataset(spec);
    expect(problems.map(({ code }) => code)).to.deep.equal(['E_DATA_LIST', 'E_DATA_MISSING']);
    expect(samples).to.deep.equal({ val: 3 });
  });

  it('before training only as many label maps are looked at as it takes', async () => {
    const maps = Array.from({ length: 60 }, () => [0, 1, 2]);
    const dataset = await openDataset(
      await make('many', { train: maps, blank: maps.map((_, i) => [i === 41 ? 1 : 255]) }),
    );
    const count = (split: string) => countLabels(dataset, { split, samples: dataset.samples(split) });
    expect((await count('train')).looked).to.be.within(16, 20);
    // One labelled map among many is found.
    expect((await count('blank')).pixels[1]).to.equal(24);
  });

  it('crops that lie outside the image for the most part are named', () => {
    const size = { width: 64, height: 32 };
    expect(cropWarnings('train', size, { crop: [32, 64] })).to.deep.equal([]);
    expect(cropWarnings('train', size, { crop: [64, 128] })[0]!.message).to.contain('25% of crops of 64x128');
    expect(cropWarnings('train', size, { crop: [64, 128], scale: [1, 3] })).to.deep.equal([]);
  });
});
