import { expect } from 'chai';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { checkDataset } from '../../src/data/check.js';
import type { Dataset } from '../../src/data/dataset.js';
import { openDataset } from '../../src/data/registry.js';
import { encodePng } from '../../src/image/encode.js';
import { encodeLabelMap } from '../../src/image/labels.js';
import { expectFailure } from '../support/failure.js';
import { encodeDeep, makeCityscapes, temporaryFolder, write } from './support/folders.js';

/** labelId, name, trainId of cityscapesScripts' helpers/labels.py (v2.2), without the license plate (-1). */
const LABELS =
  `0 unlabeled 255, 1 ego vehicle 255, 2 rectification border 255, 3 out of roi 255, 4 static 255, 5 dynamic 255,
6 ground 255, 7 road 0, 8 sidewalk 1, 9 parking 255, 10 rail track 255, 11 building 2, 12 wall 3, 13 fence 4, 14 guard rail 255,
15 bridge 255, 16 tunnel 255, 17 pole 5, 18 polegroup 255, 19 traffic light 6, 20 traffic sign 7, 21 vegetation 8, 22 terrain 9,
23 sky 10, 24 person 11, 25 rider 12, 26 car 13, 27 truck 14, 28 bus 15, 29 caravan 255, 30 trailer 255, 31 train 16,
32 motorcycle 17, 33 bicycle 18`
    .split(/,\s*/)
    .map((line) => /^(\d+) (.+) (\d+)$/.exec(line)!)
    .map(([, id, name, trainId]) => ({ id: Number(id), name: name!, trainId: Number(trainId) }));

describe('data: Cityscapes', () => {
  const folder = temporaryFolder();
  const image = { data: new Uint8Array(34 * 3), width: 34, height: 1, channels: 3 } as const;
  const ulm = (name: string): string => join(folder(), `gtFine/train/ulm/ulm_000000_000019_gtFine_${name}.png`);
  let dataset: Dataset;

  before(async () => {
    dataset = await openDataset(await makeCityscapes(folder()));
  });

  it('lists the cities of each split in order, by the names of its files', () => {
    const expected = ['bonn_000000_000019', 'bonn_000001_000019', 'ulm_000000_000019', 'ulm_000001_000019'];
    expect(dataset.samples('train').map(({ id }) => id)).to.deep.equal(expected);
    expect(dataset.samples('val')[0]).to.deep.equal({
      id: 'jena_000000_000019',
      image: 'leftImg8bit/val/jena/jena_000000_000019_leftImg8bit.png',
      label: 'gtFine/val/jena/jena_000000_000019_gtFine_labelIds.png',
    });
  });

  it('turns the 34 label ids into the 19 train ids of cityscapesScripts, with their names', async () => {
    await write(folder(), 'leftImg8bit/test/berlin/berlin_0_leftImg8bit.png', await encodePng(image));
    const ids = Uint8Array.from(LABELS, ({ id }) => id);
    await write(
      folder(),
      'gtFine/test/berlin/berlin_0_gtFine_labelIds.png',
      encodeLabelMap({ data: ids, width: 34, height: 1 }),
    );
    const { data } = await (await openDataset(dataset.spec)).readLabel({ ...testSample('labelIds') });
    expect([...data]).to.deep.equal(LABELS.map(({ trainId }) => trainId));
    for (const { name, trainId } of LABELS) if (trainId !== 255) expect(dataset.classes[trainId]!.name).to.equal(name);
    expect(dataset.classes.length).to.equal(19);
  });

  it('reads labelTrainIds as they are where those files exist', async () => {
    const ids = Uint8Array.from({ length: 34 }, (_, i) => (i < 19 ? i : 255));
    await write(folder(), 'leftImg8bit/test/berlin/berlin_0_leftImg8bit.png', await encodePng(image));
    await write(
      folder(),
      'gtFine/test/berlin/berlin_0_gtFine_labelTrainIds.png',
      encodeLabelMap({ data: ids, width: 34, height: 1 }),
    );
    const opened = await openDataset(dataset.spec);
    expect(opened.samples('test')[0]).to.deep.equal(testSample('labelTrainIds'));
    expect([...(await opened.readLabel(opened.samples('test')[0]!)).data]).to.deep.equal([...ids]);
  });

  it('gives the ids of single objects, and 0 for classes and groups', async () => {
    const ids = Uint16Array.of(7, 26000, 26001, 24, 33012, 0);
    await write(folder(), 'leftImg8bit/test/berlin/berlin_0_leftImg8bit.png', await encodePng(image));
    await write(
      folder(),
      'gtFine/test/berlin/berlin_0_gtFine_instanceIds.png',
      await encodeDeep(ids, { width: 6, height: 1 }),
    );
    const { data } = await dataset.readInstances!(testSample('labelIds'));
    expect([...data]).to.deep.equal([0, 26000, 26001, 0, 33012, 0]);
  });

  it('an instance map that is not there is an error only for who asks for it', async () => {
    const copy = await readFile(ulm('instanceIds'));
    await rm(ulm('instanceIds'));
    const sample = dataset.samples('train').find(({ id }) => id.startsWith('ulm_000000'))!;
    await expectFailure(dataset.readInstances!(sample), 'E_DATA_MISSING', ulm('instanceIds'));
    expect((await checkDataset(dataset.spec, { splits: ['train'] })).problems).to.deep.equal([]);
    await write(folder(), 'gtFine/train/ulm/ulm_000000_000019_gtFine_instanceIds.png', copy);
  });

  it('a folder of another layout is refused with what is expected and how to get it', async () => {
    const failed = openDataset(`cityscapes:${join(folder(), 'gtFine')}`);
    await expectFailure(failed, 'E_DATA_ROOT', 'gtFine', 'leftImg8bit/SPLIT/CITY', 'Unpack');
  });

  function testSample(name: string): { id: string; image: string; label: string } {
    return {
      id: 'berlin_0',
      image: 'leftImg8bit/test/berlin/berlin_0_leftImg8bit.png',
      label: `gtFine/test/berlin/berlin_0_gtFine_${name}.png`,
    };
  }
});
