import { expect } from 'chai';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dataset, Sample } from '../../src/data/dataset.js';
import { consecutive } from '../../src/data/recordings.js';
import { openDataset } from '../../src/data/registry.js';
import { makeCamvid, makeCityscapes, makeList, temporaryFolder, write } from './support/folders.js';

const runsOf = (names: string[], gap: number): string[][] => {
  const frames = names.map((id): Sample => ({ id, image: `${id}.png`, label: '' }));
  return consecutive(frames, gap, ({ id }) => id).map((run) => run.map(({ id }) => id));
};

/** Ids of the frames of each recording that has more than one. */
const found = async (dataset: Dataset): Promise<string[][]> =>
  (await dataset.recordings!.find()).filter(({ length }) => length > 1).map((run) => run.map(({ id }) => id));

describe('data: recordings', () => {
  const folder = temporaryFolder();
  const made = async (name: string): Promise<string> => {
    await mkdir(join(folder(), name));
    return join(folder(), name);
  };

  it('are runs of numbers at most so far apart, in the order of time', () => {
    expect(runsOf(['a_10', 'a_9', 'a_7', 'a_4'], 2)).to.deep.equal([['a_4'], ['a_7', 'a_9', 'a_10']]);
    expect(runsOf(['a_10', 'a_9', 'a_7'], 1)).to.deep.equal([['a_7'], ['a_9', 'a_10']]);
  });

  it('have one name up to the number, folders included', () => {
    const names = ['x/a_1', 'y/a_2', 'x/b_2', 'x/a_2', 'x/a2_3'];
    expect(runsOf(names, 1)).to.deep.equal([['x/a_1', 'x/a_2'], ['y/a_2'], ['x/b_2'], ['x/a2_3']]);
  });

  it('leave alone what has no number, or that of another frame', () => {
    expect(runsOf(['a', 'b', 'c_1', 'c_01', 'c_2'], 1)).to.deep.equal([['a'], ['b'], ['c_1'], ['c_01', 'c_2']]);
  });

  it("CamVid: every second frame, as in val's recording, and not every 30th, as in train's", async () => {
    const root = await made('camvid');
    const lines = (folder: string, names: string[]): string =>
      names.map((name) => `${folder}/${name}.png ${folder}annot/${name}.png\n`).join('');
    await makeCamvid(root);
    await write(root, 'train.txt', lines('train', ['0016E5_00390', '0016E5_00420', '0016E5_07958']));
    await write(root, 'val.txt', lines('val', ['0016E5_07959', '0016E5_07961', '0016E5_07963', '0016E5_07966']));
    expect(await found(await openDataset(`camvid:${root}`))).to.deep.equal([
      ['val/0016E5_07959', 'val/0016E5_07961', 'val/0016E5_07963'],
    ]);
  });

  it('Cityscapes: the snippet around each labelled frame, where it is there, of its own city and without a gap', async () => {
    const root = await made('cityscapes');
    await makeCityscapes(root);
    const put = (split: string, id: string): Promise<void> => {
      const path = `leftImg8bit_sequence/${split}/${id.split('_')[0]}/${id}_leftImg8bit.png`;
      return write(root, path, 'an image that nobody reads here');
    };
    // Frame 16 is missing, so that the one before it is of another time; the last are of a snippet that nobody labelled.
    for (const frame of ['000015', '000017', '000018', '000019', '000020']) await put('val', `jena_000000_${frame}`);
    for (const frame of ['000018', '000019']) await put('train', `bonn_000001_${frame}`);
    for (const frame of ['000000', '000001']) await put('train', `ulm_000002_${frame}`);
    const dataset = await openDataset(`cityscapes:${root}`);
    expect(await found(dataset)).to.have.deep.members([
      ['jena_000000_000017', 'jena_000000_000018', 'jena_000000_000019', 'jena_000000_000020'],
      ['bonn_000001_000018', 'bonn_000001_000019'],
    ]);
    const [jena] = (await dataset.recordings!.find()).filter(({ length }) => length === 4);
    expect(jena!.map(({ image, label }) => [image, label !== ''])).to.deep.equal([
      ['leftImg8bit_sequence/val/jena/jena_000000_000017_leftImg8bit.png', false],
      ['leftImg8bit_sequence/val/jena/jena_000000_000018_leftImg8bit.png', false],
      ['leftImg8bit/val/jena/jena_000000_000019_leftImg8bit.png', true],
      ['leftImg8bit_sequence/val/jena/jena_000000_000020_leftImg8bit.png', false],
    ]);
    expect(dataset.samples('val').map(({ id }) => id)).to.deep.equal(['jena_000000_000019', 'jena_000001_000019']);
  });

  it('a list dataset says how far apart its frames are numbered; without that, none of its images are frames', async () => {
    const root = await made('list');
    await makeList(root, 3);
    const path = join(root, 'dataset.json');
    expect((await openDataset(`list:${root}`)).recordings).to.equal(undefined);
    const description = JSON.parse(await readFile(path, 'utf8')) as object;
    await writeFile(path, JSON.stringify({ ...description, frameGap: 1 }));
    expect(await found(await openDataset(`list:${root}`))).to.deep.equal(
      ['train', 'val'].map((split) => ['0000', '0001', '0002'].map((number) => `${split}/${number}`)),
    );
  });
});
