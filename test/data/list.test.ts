import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkDataset } from '../../src/data/check.js';
import type { Dataset } from '../../src/data/dataset.js';
import { readListFile } from '../../src/data/list-file.js';
import { openDataset } from '../../src/data/registry.js';
import { writeListDataset } from '../../src/data/write-list.js';
import { deriveDataset } from '../../src/data/derive.js';
import { encodePng } from '../../src/image/encode.js';
import { expectFailure } from '../support/failure.js';
import { makeList, temporaryFolder } from './support/folders.js';

describe('data: list files', () => {
  const folder = temporaryFolder();
  const path = (): string => join(folder(), 'train.txt');
  const read = async (text: string): ReturnType<typeof readListFile> => {
    await writeFile(path(), text);
    return readListFile(path());
  };

  it('hold an image and a label per line; the id is the path of the image without its extension', async () => {
    expect(await read('a/one.jpg b/one.png\na/two.x.png   b/two.png\n')).to.deep.equal([
      { id: 'a/one', image: 'a/one.jpg', label: 'b/one.png' },
      { id: 'a/two.x', image: 'a/two.x.png', label: 'b/two.png' },
    ]);
  });

  it('may hold comments, empty lines, Windows line ends, and paths with spaces between which a tab stands', async () => {
    const samples = await read('# mine\r\n\r\na b.png\tc d.png\r\n');
    expect(samples.map(({ image, label }) => [image, label])).to.deep.equal([['a b.png', 'c d.png']]);
  });

  const bad: [string, string, string[]][] = [
    ['a line with one path', 'a.png b.png\nc.png\n', ['train.txt:2', '"c.png"']],
    ['a line with three paths', 'a.png b.png c.png', ['train.txt:1']],
    ['an image that comes twice', 'a.png b.png\nc.png d.png\na.png e.png', ['train.txt:3', 'first in line 1']],
    ['two images of one name', 'a/1.jpg a.png\nb.png b.png\na/1.png c.png', ['train.txt:3', '"a/1.jpg" in line 1']],
    ['an image in two writings', 'a/1.png a.png\n./a//1.png b.png', ['train.txt:2', '"a/1.png" in line 1']],
    ['an empty list', '# nothing\n\n', ['train.txt', 'an empty list']],
  ];
  for (const [what, text, parts] of bad) {
    it(`refuse ${what}, with the line`, () => expectFailure(read(text), 'E_DATA_LIST', ...parts));
  }

  it('that are missing are refused', () =>
    expectFailure(readListFile(join(folder(), 'none.txt')), 'E_DATA_LIST', 'none.txt', 'no such file'));
});

describe('data: list datasets', () => {
  const folder = temporaryFolder();
  const description = (): string => join(folder(), 'dataset.json');
  let spec: string;
  let good: { classes: { name: string; color: number[] }[]; ignore: number; splits: Record<string, string> };

  before(async () => {
    spec = await makeList(folder());
    good = JSON.parse(await readFile(description(), 'utf8')) as typeof good;
  });
  afterEach(() => writeFile(description(), JSON.stringify(good)));

  const wrong: [string, (json: typeof good) => unknown, string][] = [
    ['a class without a name', (json) => delete (json.classes[2] as { name?: string }).name, 'classes[2].name'],
    ['a colour above 255', (json) => (json.classes[1]!.color[0] = 256), 'classes[1].color[0]'],
    ['a colour of four values', (json) => json.classes[1]!.color.push(1), 'classes[1].color'],
    ['no class', (json) => (json.classes = []), 'classes'],
    ['two classes of one name', (json) => (json.classes[2]!.name = json.classes[0]!.name), 'classes[2].name'],
    ['an ignored id of -1', (json) => (json.ignore = -1), 'ignore'],
    ['a split that is no file', (json) => Object.assign(json.splits, { val: 3 }), 'splits.val'],
    ['no split', (json) => (json.splits = {}), 'splits'],
  ];
  for (const [what, change, path] of wrong) {
    it(`a dataset.json with ${what} is refused with the path ${path}`, async () => {
      const json = structuredClone(good);
      change(json);
      await writeFile(description(), JSON.stringify(json));
      await expectFailure(openDataset(spec), 'E_DATA_DESCRIPTION', `${description()}: ${path}`);
    });
  }

  it('a dataset.json that is not JSON, or not there, is refused', async () => {
    await writeFile(description(), '{');
    await expectFailure(openDataset(spec), 'E_DATA_DESCRIPTION', description());
    await expectFailure(openDataset(`list:${folder()}/x`), 'E_DATA_DESCRIPTION', `${folder()}/x/dataset.json`);
  });

  it('a dataset.json that says one thing twice is refused, with both places', async () => {
    const text = JSON.stringify(good, null, 2);
    await writeFile(description(), text.replace('"ignore"', '"ignore": 3,\n  "ignore"'));
    await expectFailure(openDataset(spec), 'E_DATA_DESCRIPTION', description(), '"ignore" is given twice');
  });

  it('the ignored id may be one of the ids, and may be 0', async () => {
    await writeFile(description(), JSON.stringify({ ...good, ignore: 0 }));
    const dataset = await openDataset(spec);
    expect(dataset.ignore).to.equal(0);
    expect((await checkDataset(spec)).problems).to.deep.equal([]);
  });

  it('checkDataset lists every bad line of every list, and goes on to the files of the good lines', async () => {
    const [train, val] = [join(folder(), 'train.txt'), join(folder(), 'val.txt')];
    const before = await Promise.all([train, val].map((path) => readFile(path, 'utf8')));
    await writeFile(train, `${before[0]}one\ntwo words here\n`);
    await writeFile(val, `${before[1]}val/none.png val-labels/none.png\nthree\n`);
    const { problems, samples } = await checkDataset(spec);
    await writeFile(train, before[0]!);
    await writeFile(val, before[1]!);
    const lines = [
      `${train}:4`,
      `${train}:5`,
      `${val}:5`,
      join(folder(), 'val/none.png'),
      join(folder(), 'val-labels/none.png'),
    ];
    expect(problems.map(({ message }) => message.split(': expected')[0])).to.deep.equal(lines);
    expect(problems.map(({ split }) => split)).to.deep.equal([null, null, null, 'val', 'val']);
    expect(samples).to.deep.equal({ train: 3, val: 4 });
  });

  it('checkDataset lists a dataset.json that cannot be read, and throws on a wrong call', async () => {
    await writeFile(description(), '{}');
    const { problems } = await checkDataset(spec);
    expect(problems.map(({ code }) => code)).to.deep.equal(['E_DATA_DESCRIPTION']);
    await expectFailure(checkDataset('lst:x'), 'E_DATA_SPEC', 'lst:x', 'list:DIR');
    await writeFile(description(), JSON.stringify(good));
    await expectFailure(checkDataset(spec, { splits: ['nowhere'] }), 'E_DATA_SPLIT');
  });
});

describe('data: writeListDataset', () => {
  const folder = temporaryFolder();

  it('writes images, labels and classes that read back the same', async () => {
    const scenes = await openDataset('scenes:4@20x30');
    expect(await writeListDataset(scenes, folder(), { splits: ['val'], count: 3 })).to.deep.equal({ val: 3 });
    const list = await openDataset(`list:${folder()}`);
    expect([list.splits, list.classes, list.ignore]).to.deep.equal([['val'], scenes.classes, scenes.ignore]);
    for (const [i, sample] of list.samples('val').entries()) {
      const source = scenes.samples('val')[i]!;
      expect(sample.id).to.equal(source.id);
      expect(await list.readImage(sample)).to.deep.equal(await scenes.readImage(source));
      expect(await list.readLabel(sample)).to.deep.equal(await scenes.readLabel(source));
    }
  });

  it('says what the source says of frames and of smaller images', async () => {
    const source = join(folder(), 'frames');
    await makeList(source);
    const description = JSON.parse(await readFile(join(source, 'dataset.json'), 'utf8')) as object;
    expect(description).to.have.all.keys('classes', 'ignore', 'splits');
    const more = { ...description, resized: true, frameGap: 1 };
    await writeFile(join(source, 'dataset.json'), JSON.stringify(more));
    await replaceImage(join(source, 'val/0001.png'), 12, 8);
    const out = join(folder(), 'rendered');
    const original = await openDataset(`list:${source}`);
    await writeListDataset(original, out);
    expect(JSON.parse(await readFile(join(out, 'dataset.json'), 'utf8'))).to.deep.equal(more);
    expect((await checkDataset(`list:${out}`)).problems).to.deep.equal([]);
    const ids = async (dataset: Dataset): Promise<string[][]> =>
      (await dataset.recordings!.find()).map((run) => run.map(({ id }) => id));
    expect(await ids(await openDataset(`list:${out}`))).to.deep.equal(await ids(original));
  });

  it('writes nothing where a path would lead out of the folder', async () => {
    const source = join(folder(), 'inside');
    await makeList(source);
    const out = join(folder(), 'out');
    await writeFile(join(source, 'val.txt'), '../frames/val/0000.png val-labels/0000.png\n');
    const failure = writeListDataset(await openDataset(`list:${source}`), out);
    await expectFailure(failure, 'E_DISTORT_PATH', '../frames/val/0000.png');
    expect(existsSync(out)).to.equal(false);
  });

  it('does not write over the dataset that it reads, nor two files to one path', async () => {
    const source = join(folder(), 'own');
    await makeList(source);
    const before = await readFile(join(source, 'dataset.json'), 'utf8');
    const own = writeListDataset(await openDataset(`list:${source}`), source, { force: true });
    await expectFailure(own, 'E_USAGE', '--out', join(source, 'dataset.json'));
    expect(await readFile(join(source, 'dataset.json'), 'utf8')).to.equal(before);
    const scenes = await openDataset('scenes:5@20x30');
    const twins = deriveDataset(scenes, {
      splits: ['val', 'val-labels'],
      samples: () => scenes.samples('val').slice(0, 1),
    });
    const [first] = scenes.samples('val');
    twins.samples = (split) => [{ ...first!, id: `${split}/0000` }];
    await expectFailure(writeListDataset(twins, join(folder(), 'twins')), 'E_DISTORT_PATH', 'val-labels/0000.png');
  });

  it('leaves a dataset that is there alone, unless forced', async () => {
    const scenes = await openDataset('scenes:5@20x30');
    const before = await readFile(join(folder(), 'val/0000.png'));
    await expectFailure(writeListDataset(scenes, folder(), { count: 1 }), 'E_OUT_EXISTS', folder(), '--force');
    expect((await readFile(join(folder(), 'val/0000.png'))).equals(before)).to.equal(true);
    await writeListDataset(scenes, folder(), { count: 1, force: true });
    expect((await readFile(join(folder(), 'val/0000.png'))).equals(before)).to.equal(false);
  });

  it('when stopped, has left no dataset.json, not even that of the dataset it was to replace', async () => {
    const out = join(folder(), 'stopped');
    const scenes = await openDataset('scenes:0@20x30');
    for (const before of [async () => {}, () => writeListDataset(scenes, out, { splits: ['val'], count: 3 })]) {
      await before();
      const stop = new AbortController();
      const written = writeListDataset(scenes, out, {
        signal: stop.signal,
        force: true,
        progress: ({ done }) => done === 2 && stop.abort(new Error('enough')),
      });
      expect(((await written.catch((error: unknown) => error)) as Error).message).to.equal('enough');
      await expectFailure(openDataset(`list:${out}`), 'E_DATA_DESCRIPTION', out);
    }
  });
});

async function replaceImage(path: string, width: number, height: number): Promise<void> {
  await writeFile(
    path,
    await encodePng({ data: new Uint8Array(width * height * 3).fill(90), width, height, channels: 3 }),
  );
}
