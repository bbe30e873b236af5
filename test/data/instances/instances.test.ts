import { expect } from 'chai';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BatchLoader } from '../../../src/data/batches.js';
import { checkDataset } from '../../../src/data/check.js';
import { openDataset } from '../../../src/data/registry.js';
import { openSource } from '../../../src/data/source.js';
import { writeListDataset } from '../../../src/data/write-list.js';
import type { Instances } from '../../../src/detect/instances.js';
import { decodeMask, encodeMask, rleBox } from '../../../src/detect/rle.js';
import { resizeLabels } from '../../../src/image/resize.js';
import { placeInstances } from '../../../src/tasks/detection/place.js';
import { uncollateInstances } from '../../../src/tasks/detection/targets.js';
import { expectFailure } from '../../support/failure.js';
import { unsupported } from '../../support/tools.js';
import { temporaryFolder, write } from '../support/folders.js';

const SCENES = 'scenes:3@96x160/instances';

async function targetsOf(spec: string, split: string, count: number): Promise<Instances[]> {
  const dataset = await openDataset(spec);
  const samples = dataset.samples(split).slice(0, count);
  return Promise.all(samples.map((sample) => dataset.readTarget(sample) as Promise<Instances>));
}

describe('data: objects in scenes and lists', () => {
  const folder = temporaryFolder();

  it('scenes have cars and people, each with the box of what shows of it', async () => {
    const targets = await targetsOf(SCENES, 'train', 12);
    const classes = new Set(targets.flatMap((target) => [...target.classes]));
    expect([...classes].sort()).to.deep.equal([1, 2]);
    const scenes = await openDataset('scenes:3@96x160');
    for (const [i, { masks, boxes, ids }] of targets.entries()) {
      const label = await scenes.readLabel(scenes.samples('train')[i]!);
      masks!.forEach((mask, at) => {
        expect(rleBox(mask)).to.deep.equal([...boxes.subarray(4 * at, 4 * at + 4)]);
        const decoded = decodeMask(mask);
        const own = new Set(label.data.filter((_, pixel) => decoded[pixel]));
        expect([...own]).to.have.length(1);
      });
      expect(new Set(ids).size).to.equal(ids.length);
    }
  });

  it('written as a list and read back they are the same, without a problem', async () => {
    const out = join(folder(), 'list');
    await writeListDataset(await openDataset(SCENES), out, { count: 4 });
    expect(await targetsOf(`list:${out}`, 'val', 4)).to.deep.equal(await targetsOf(SCENES, 'val', 4));
    const { classes, targets } = await openDataset(`list:${out}`);
    expect([targets.name, classes.map(({ name }) => name)]).to.deep.equal([
      'instances',
      ['background', 'car', 'person'],
    ]);
    expect((await checkDataset(`list:${out}`)).problems).to.deep.equal([]);
  });

  it('a line of a list by hand: names with spaces, boxes alone', async () => {
    const out = join(folder(), 'hand');
    await mkdir(out);
    await writeListDataset(await openDataset('scenes:3@24x32'), out, { count: 1, splits: ['train'] });
    const label = { objects: [{ class: 'red car', bbox: [1, 2, 3, 4] }] };
    await write(out, 'train.txt', `train/0000.png\t${JSON.stringify(label)}\n`);
    const classes = ['background', 'red car'].map((name) => ({ name, color: [1, 2, name.length] }));
    await write(out, 'dataset.json', JSON.stringify({ task: 'detection', classes, splits: { train: 'train.txt' } }));
    const [target] = await targetsOf(`list:${out}`, 'train', 1);
    expect([target!.width, target!.height, ...target!.boxes, ...target!.classes]).to.deep.equal([
      32, 24, 1, 2, 3, 4, 1,
    ]);
    await write(out, 'train.txt', `train/0000.png\t{"objects":[{"class":"lorry","bbox":[1,2,3,4]}]}\n`);
    await expectFailure(targetsOf(`list:${out}`, 'train', 1), 'E_DATA_LABEL', 'lorry', 'red car');
    await write(out, 'train.txt', 'train/0000.png\tlabels/0000.png\n');
    await expectFailure(targetsOf(`list:${out}`, 'train', 1), 'E_DATA_COCO', 'labels/0000.png');
  });

  it('a batch pads pictures of different sizes, and says how large each is', async () => {
    const out = join(folder(), 'sizes');
    for (const [name, size] of [['a', '40x64'], ['b', '48x56']] as const) {
      await writeListDataset(await openDataset(`scenes:3@${size}/instances`), join(out, name), { count: 1, splits: ['val'] });
    } // prettier-ignore
    const lines = await Promise.all(
      ['a', 'b'].map(async (name) => {
        const [sample] = (await openDataset(`list:${join(out, name)}`)).samples('val');
        return `${name}/${sample!.image}\t${sample!.label}\n`;
      }),
    );
    const { classes } = await openDataset(SCENES);
    await write(out, 'val.txt', lines.join(''));
    await write(out, 'dataset.json', JSON.stringify({ task: 'instances', classes, splits: { val: 'val.txt' } }));
    const source = openSource(`list:${out}`);
    const loader = await BatchLoader.open({ source, split: 'val', batch: 2, seed: 0, shuffle: false });
    try {
      const { value: batch } = await loader.epoch(0).next();
      expect([batch!.height, batch!.width]).to.deep.equal([48, 64]);
      expect(uncollateInstances(batch!.targets).map(({ height, width }) => [height, width])).to.deep.equal([[40, 64], [48, 56]]); // prettier-ignore
      const [first] = (await openDataset(`list:${out}`)).samples('val');
      const image = await (await openDataset(`list:${out}`)).readImage(first!);
      expect(batch!.images.slice(0, 64 * 3 * 40)).to.deep.equal(new Uint8Array(image.data));
      expect(new Set(batch!.images.slice(64 * 3 * 40, 64 * 3 * 48))).to.deep.equal(new Set([0]));
    } finally {
      await loader.close();
    }
  });

  it('whole pictures are brought to the sides of a network, and their boxes with them, mirrored or not', async () => {
    const augment = { crop: { shortest: 64, longest: 128 }, flip: true };
    const options = { split: 'val', batch: 4, seed: 4, shuffle: false, augment };
    const loader = await BatchLoader.open({ source: openSource(SCENES), ...options });
    try {
      const { value: batch } = await loader.epoch(0).next();
      expect([batch!.height, batch!.width]).to.deep.equal([64, 128]);
      // 96x160 by 64/96, rounded down.
      const [width, height] = [106, 64];
      const given = await targetsOf(SCENES, 'val', 4);
      const flips = uncollateInstances(batch!.targets).map(({ boxes, ids }, i) => {
        const placed = (mirrors: boolean): number[] =>
          [...ids].flatMap((id) => {
            const at = 4 * given[i]!.ids.indexOf(id);
            const [x, y, w, h] = [...given[i]!.boxes.subarray(at, at + 4)] as [number, number, number, number];
            const [left, wide] = [(x * width) / 160, (w * width) / 160];
            return [mirrors ? width - left - wide : left, (y * height) / 96, wide, (h * height) / 96];
          });
        const isPlaced = (mirrors: boolean): boolean =>
          placed(mirrors).every((side, at) => Math.abs(side - boxes[at]!) < 1e-9);
        expect(ids.length, 'objects').to.be.above(0);
        return [false, true].filter(isPlaced);
      });
      expect(flips.flat().sort()).to.deep.equal([false, false, true, true]);
    } finally {
      await loader.close();
    }
  });

  it('Penn-Fudan has 253 people in 100 images, 301 to 27,300 pixels large, and 49 in 20', async function () {
    const root = process.env['PENNFUDAN'];
    if (root === undefined) return unsupported(this, 'has no Penn-Fudan (PENNFUDAN names its folder)');
    const areas = (await targetsOf(`pennfudan:${root}`, 'train', 100)).flatMap((target) => [...target.areas]);
    expect([areas.length, Math.min(...areas), Math.max(...areas)]).to.deep.equal([253, 301, 27300]);
    expect((await targetsOf(`pennfudan:${root}`, 'val', 20)).flatMap(({ ids }) => [...ids])).to.have.length(49);
  });
});

describe('tasks: objects of a crop', () => {
  const SIZE = { width: 40, height: 30 };
  const inside = (x: number, y: number): boolean => (x - 20) ** 2 / 100 + (y - 14) ** 2 / 64 <= 1;
  const pixels = Uint8Array.from({ length: 1200 }, (_, i) => Number(inside(i % 40, Math.floor(i / 40))));
  const mask = encodeMask(pixels, SIZE);
  const target: Instances = {
    ...SIZE,
    boxes: Float64Array.from([...rleBox(mask), 0.5, 1, 4, 5]),
    classes: Int32Array.of(1, 2),
    crowd: Uint8Array.of(0, 1),
    areas: Float64Array.of(240, 20),
    ids: Float64Array.of(5, 6),
    masks: [
      mask,
      encodeMask(
        pixels.map((_, i) => Number(i % 40 < 4 && i < 200)),
        SIZE,
      ),
    ],
  };

  it('mirrored, boxes and masks lie on the other side', () => {
    const flipped = placeInstances(target, { scaled: SIZE, x: 0, y: 0, flip: true, crop: [30, 40] });
    expect([...flipped.boxes.subarray(4)]).to.deep.equal([35.5, 1, 4, 5]);
    expect(rleBox(flipped.masks![0]!)).to.deep.equal([...flipped.boxes.subarray(0, 4)]);
    expect([...flipped.crowd, ...flipped.ids]).to.deep.equal([0, 1, 5, 6]);
  });

  it('scaled, they grow as the image does, and masks are those of label maps', () => {
    const scaled = { width: 80, height: 45 };
    const grown = placeInstances(target, { scaled, x: 0, y: 0, flip: false, crop: [45, 80] });
    expect([...grown.boxes.subarray(4)]).to.deep.equal([1, 1.5, 8, 7.5]);
    const label = resizeLabels({ data: pixels, ...SIZE }, scaled, { x: 0, y: 0, ...scaled });
    expect(decodeMask(grown.masks![0]!)).to.deep.equal(label.data);
    expect([grown.width, grown.height]).to.deep.equal([80, 45]);
  });

  it('cut through, a box is that of what is left of the mask; what lies outside is gone', () => {
    const cut = placeInstances(target, { scaled: SIZE, x: 16, y: 10, flip: false, crop: [20, 10] });
    expect([...cut.ids]).to.deep.equal([5]);
    expect([...cut.boxes]).to.deep.equal(rleBox(cut.masks![0]!));
    const expected = pixels.filter((_, i) => i % 40 >= 16 && i % 40 < 26 && i >= 400);
    expect(decodeMask(cut.masks![0]!)).to.deep.equal(expected);
    expect(cut.areas[0]).to.equal(expected.reduce((sum, value) => sum + value));
  });

  it('a crop larger than the image moves them, and nothing else', () => {
    const moved = placeInstances(target, { scaled: SIZE, x: -3, y: -2, flip: false, crop: [40, 50] });
    expect([...moved.boxes.subarray(4)]).to.deep.equal([3.5, 3, 4, 5]);
    const [x, y, width, height] = rleBox(mask);
    expect(rleBox(moved.masks![0]!)).to.deep.equal([x + 3, y + 2, width, height]);
  });
});
