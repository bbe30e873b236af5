import { expect } from 'chai';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDataset } from '../../src/data/registry.js';
import { expectFailure } from '../support/failure.js';
import { makeCamvid, temporaryFolder } from './support/folders.js';

describe('data: CamVid', () => {
  const folder = temporaryFolder();
  let spec: string;
  before(async () => {
    spec = await makeCamvid(folder());
  });

  it("finds the files of SegNet's own lists, whose paths start elsewhere", async () => {
    const dataset = await openDataset(spec);
    expect(dataset.samples('train')[0]).to.deep.equal({
      id: 'train/0000',
      image: 'train/0000.png',
      label: 'trainannot/0000.png',
    });
  });

  it('finds the files of lists with relative paths', async () => {
    await writeFile(join(folder(), 'test.txt'), 'train/0000.png trainannot/0000.png\n');
    const dataset = await openDataset(spec);
    await rm(join(folder(), 'test.txt'));
    expect(dataset.splits).to.deep.equal(['train', 'val', 'test']);
    expect((await dataset.readImage(dataset.samples('test')[0]!)).width).to.equal(32);
  });

  it('ignores void, stored as 11', async () => {
    const dataset = await openDataset(spec);
    const { data } = await dataset.readLabel(dataset.samples('val')[0]!);
    expect(data[0]).to.equal(255);
    expect(dataset.classes.length).to.equal(11);
  });

  it('a folder without lists is refused, and so is one that is not there', async () => {
    await expectFailure(openDataset(`camvid:${join(folder(), 'train')}`), 'E_DATA_ROOT', 'train.txt', 'none of them');
    await expectFailure(openDataset(`camvid:${folder()}/x`), 'E_DATA_ROOT', `${folder()}/x`, 'no such folder');
  });
});
