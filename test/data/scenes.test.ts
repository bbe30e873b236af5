import { expect } from 'chai';
import type { Dataset } from '../../src/data/dataset.js';
import { openDataset } from '../../src/data/registry.js';
import { CLASS } from '../../src/data/scenes/classes.js';
import { decodeImage } from '../../src/image/decode.js';
import { encodeJpeg } from '../../src/image/encode.js';
import type { LabelMap, Pixels } from '../../src/image/pixels.js';
import { expectFailure } from '../support/failure.js';

describe('data: scenes', () => {
  let dataset: Dataset;
  let scenes: { image: Pixels; label: LabelMap }[];

  before(async () => {
    dataset = await openDataset('scenes:7');
    scenes = [];
    for (const sample of dataset.samples('train').slice(0, 60)) {
      scenes.push({ image: await dataset.readImage(sample), label: await dataset.readLabel(sample) });
    }
  });

  it('are 200 to train and 50 to evaluate on, 128x256', () => {
    expect(['train', 'val'].map((split) => dataset.samples(split).length)).to.deep.equal([200, 50]);
    expect([scenes[0]!.image.height, scenes[0]!.image.width]).to.deep.equal([128, 256]);
  });

  it('are named by their classes in the order of datasets/scenes.json', () => {
    expect(Object.keys(CLASS)).to.deep.equal(dataset.classes.map(({ name }) => name));
    expect(Object.values(CLASS)).to.deep.equal(dataset.classes.map((_, id) => id));
  });

  it('differ by seed, split and sample, and are the same for the same', async () => {
    const first = async (spec: string, split: string, i = 0): Promise<string> => {
      const opened = await openDataset(spec);
      return Buffer.from((await opened.readImage(opened.samples(split)[i]!)).data).toString('latin1');
    };
    const specs = await Promise.all([
      first('scenes:7', 'train'),
      first('scenes:8', 'train'),
      first('scenes:7', 'val'),
      first('scenes:7', 'train', 1),
    ]);
    expect(new Set(specs).size).to.equal(4);
    expect(await first('scenes:7', 'train')).to.equal(specs[0]);
    expect(await first('scenes', 'val')).to.equal(await first('scenes:0', 'val'));
  });

  it('come in the size that is asked for, with the same layout', async () => {
    const large = await openDataset('scenes:7@256x512');
    const label = await large.readLabel(large.samples('train')[0]!);
    expect([label.height, label.width]).to.deep.equal([256, 512]);
    const small = scenes[0]!.label.data;
    const same = small.filter((id, i) => id === label.data[(Math.floor(i / 256) * 2 + 1) * 512 + (i % 256) * 2 + 1]);
    expect(same.length / small.length).to.be.above(0.95);
  });

  it('show every class in at least a third of them, and none on most of the pixels', () => {
    const total = scenes.length * 128 * 256;
    for (const [name, id] of Object.entries(CLASS)) {
      const counts = scenes.map(({ label }) => label.data.reduce((count, one) => count + (one === id ? 1 : 0), 0));
      expect(counts.filter((count) => count > 20).length, name).to.be.at.least(scenes.length / 3);
      expect(counts.reduce((sum, count) => sum + count) / total, name).to.be.below(0.5);
    }
  });

  it('have objects only on cars and people, each of one class', async () => {
    let objects = 0;
    for (const [i, sample] of dataset.samples('train').slice(0, 20).entries()) {
      const { data } = await dataset.readInstances!(sample);
      const classes = scenes[i]!.label.data;
      const pairs = new Set(Array.from(data, (object, at) => `${object} ${classes[at]}`));
      const counted = [...pairs].map((pair) => pair.split(' ').map(Number)).filter(([object]) => object! > 0);
      expect(new Set(counted.map(([object]) => object)).size, 'one class each').to.equal(counted.length);
      expect(counted.every(([, id]) => id === CLASS.car || id === CLASS.person)).to.equal(true);
      expect(pairs.has(`0 ${CLASS.car}`) || pairs.has(`0 ${CLASS.person}`)).to.equal(false);
      objects += counted.length;
    }
    expect(objects).to.be.above(40);
  });

  it('lose the fine texture that tells road from pavement to JPEG: a quarter of it is left at 10, most at 90', async () => {
    const kept = await Promise.all([90, 10].map((quality) => textureKept(scenes.slice(0, 10), quality)));
    expect(kept[0]).to.be.above(0.7);
    expect(kept[1]).to.be.below(0.25);
  });

  for (const spec of ['scenes:x', 'scenes:1@0x5', 'scenes:1@5', 'scenes:-1', 'scenes:1@99999x5']) {
    it(`refuses ${spec}`, () => expectFailure(openDataset(spec), 'E_DATA_SPEC', spec, 'scenes:SEED@HEIGHTxWIDTH'));
  }
});

/** Share of the mean absolute difference between neighbours in a row of road and pavement that compression leaves. */
async function textureKept(scenes: { image: Pixels; label: LabelMap }[], quality: number): Promise<number> {
  let [before, after] = [0, 0];
  for (const { image, label } of scenes) {
    const { data } = await decodeImage(await encodeJpeg(image, quality), 'scene.jpg');
    label.data.forEach((id, i) => {
      if (id > CLASS.pavement || label.data[i + 1] !== id || (i + 1) % 256 === 0) return;
      before += Math.abs(image.data[i * 3 + 4]! - image.data[i * 3 + 1]!);
      after += Math.abs(data[i * 3 + 4]! - data[i * 3 + 1]!);
    });
  }
  return after / before;
}
