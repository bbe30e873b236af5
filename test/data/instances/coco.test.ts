import { expect } from 'chai';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ErrorCode } from '../../../src/common/errors.js';
import { checkDataset } from '../../../src/data/check.js';
import { openDataset } from '../../../src/data/registry.js';
import type { Instances } from '../../../src/detect/instances.js';
import { decodeMask, rleArea } from '../../../src/detect/rle.js';
import { encodePng } from '../../../src/image/encode.js';
import { expectFailure } from '../../support/failure.js';
import { temporaryFolder, write } from '../support/folders.js';

const [WIDTH, HEIGHT] = [32, 24];

interface Entry {
  [field: string]: unknown;
}

const box = (x: number, y: number, width: number, height: number): number[][] => [
  [x, y, x + width, y, x + width, y + height, x, y + height],
];

/** One picture with a car and a person. */
const annotations: Entry[] = [
  { id: 7, image_id: 3, category_id: 2, bbox: [4, 5, 10, 8], area: 79.5, iscrowd: 0, segmentation: box(4, 5, 10, 8) },
  { id: 9, image_id: 3, category_id: 90, bbox: [0, 0, 6, 6], iscrowd: 1, segmentation: { size: [HEIGHT, WIDTH], counts: [0, 6, 18, 6, WIDTH * HEIGHT - 30] } }, // prettier-ignore
];
const categories = [
  { id: 90, name: 'person' },
  { id: 2, name: 'car' },
];

describe("data: files in COCO's format", () => {
  const folder = temporaryFolder();
  const picture = {
    data: new Uint8Array(WIDTH * HEIGHT * 3).fill(90),
    width: WIDTH,
    height: HEIGHT,
    channels: 3 as const,
  };

  beforeEach(async () => {
    await rm(folder(), { recursive: true, force: true });
    await mkdir(folder());
  });

  /** Writes a file of annotations, and the picture. */
  async function make(path: string, image: string, changes: Entry = {}): Promise<void> {
    const images = [{ id: 3, file_name: 'a.png', width: WIDTH, height: HEIGHT }];
    await write(folder(), path, JSON.stringify({ images, annotations, categories, ...changes }));
    await write(folder(), image, await encodePng(picture));
  }

  async function first(spec = `coco:${folder()}`, split = 'val'): Promise<Instances> {
    const dataset = await openDataset(spec);
    return (await dataset.readTarget(dataset.samples(split)[0]!)) as Instances;
  }

  const layouts: [string, string, string, string, string][] = [
    ["COCO's", 'annotations/instances_val2017.json', 'val2017/a.png', '', 'val'],
    ['with a folder images', 'annotations/instances_train2017.json', 'images/train2017/a.png', '', 'train'],
    ["Roboflow's", 'valid/_annotations.coco.json', 'valid/a.png', '', 'val'],
    ['a file beside the pictures', 'mine.json', 'a.png', '', 'mine'],
    ['a file beside a folder images', 'test.json', 'images/a.png', '', 'test'],
    ['the file itself', 'some/val.json', 'some/a.png', '/some/val.json', 'val'],
  ];
  for (const [name, path, image, suffix, split] of layouts) {
    it(`layout: ${name}`, async () => {
      await make(path, image);
      const dataset = await openDataset(`coco:${folder()}${suffix}`);
      expect(dataset.splits).to.deep.equal([split]);
      const [sample] = dataset.samples(split);
      expect((await dataset.readImage(sample!)).width).to.equal(WIDTH);
      expect(sample!.id).to.equal('a');
    });
  }

  it('two files of one split are told apart by their years', async () => {
    await make('annotations/instances_val2014.json', 'val2014/a.png');
    await make('annotations/instances_val2017.json', 'val2017/a.png');
    expect((await openDataset(`coco:${folder()}`)).splits).to.deep.equal(['val2014', 'val2017']);
  });

  it('objects have their boxes, masks, crowds, areas and ids; an area that is not said is that of the mask', async () => {
    await make('val.json', 'a.png');
    const target = await first();
    expect([...target.boxes]).to.deep.equal([4, 5, 10, 8, 0, 0, 6, 6]);
    expect([...target.classes]).to.deep.equal([2, 90]);
    expect([...target.crowd]).to.deep.equal([0, 1]);
    expect([...target.areas]).to.deep.equal([79.5, 12]);
    expect([...target.ids]).to.deep.equal([7, 9]);
    expect(target.masks!.map(rleArea)).to.deep.equal([80, 12]);
    expect(decodeMask(target.masks![0]!)[5 * WIDTH + 4]).to.equal(1);
  });

  it('ids of categories are those of classes, gaps are filled; of ids that are none, places are', async () => {
    await make('val.json', 'a.png');
    const { classes } = await openDataset(`coco:${folder()}`);
    expect(classes).to.have.length(91);
    expect([classes[0]!.name, classes[2]!.name, classes[3]!.name, classes[90]!.name]).to.deep.equal(['background', 'car', 'unused 3', 'person']); // prettier-ignore
    expect(classes.filter(({ unused }) => !unused)).to.have.length(2);
    await make('val.json', 'a.png', {
      categories: [{ id: 0, name: 'a' }, { id: 1000, name: 'b' }],
      annotations: [{ id: 1, image_id: 3, category_id: 1000, bbox: [1, 1, 3, 3], segmentation: box(1, 1, 3, 3) }],
    }); // prettier-ignore
    expect((await openDataset(`coco:${folder()}`)).classes.map(({ name }) => name)).to.deep.equal([
      'background',
      'a',
      'b',
    ]);
    expect([...(await first()).classes]).to.deep.equal([2]);
  });

  it('without masks boxes are what there is, for detection; ids of images may be text, and a size may be left out', async () => {
    const bare = annotations.map((annotation) => ({ ...annotation, image_id: 'x', segmentation: [] }));
    await make('val.json', 'a.png', { annotations: bare, images: [{ id: 'x', file_name: 'a.png' }] });
    const dataset = await openDataset(`coco:${folder()}`);
    expect(dataset.targets.name).to.equal('detection');
    const target = await first();
    expect([target.width, target.height, target.masks]).to.deep.equal([WIDTH, HEIGHT, undefined]);
    expect([...target.areas]).to.deep.equal([79.5, 36]);
  });

  it('annotations of images or categories that are not there are passed over', async () => {
    const others = [
      { ...annotations[0], id: 20, image_id: 4 },
      { ...annotations[0], id: 21, category_id: 5 },
    ];
    await make('val.json', 'a.png', { annotations: [...annotations, ...others] });
    expect((await first()).ids.length).to.equal(2);
  });

  const broken: [string, Entry, ErrorCode, string][] = [
    ['no list of images', { images: undefined }, 'E_DATA_COCO', 'images'],
    ['an image without a name', { images: [{ id: 3 }] }, 'E_DATA_COCO', 'images[0]'],
    ['a category whose id is text', { categories: [{ id: '2', name: 'car' }] }, 'E_DATA_COCO', 'categories[0]'],
    ['a box of corners alone', { annotations: [{ ...annotations[0], bbox: [1, 2, 3] }] }, 'E_DATA_COCO', 'bbox'],
    ['no box and no mask', { annotations: [annotations[0], { id: 2, image_id: 3, category_id: 2 }] }, 'E_DATA_MASK', 'annotation 2'],
    ['polygons that are no list of lists', { annotations: [{ ...annotations[0], segmentation: [1, 2, 3, 4, 5, 6] }] }, 'E_DATA_MASK', 'annotation 7'],
    ['a box in place of a polygon', { annotations: [{ ...annotations[0], segmentation: [[4, 5, 10, 8]] }] }, 'E_DATA_MASK', '4 numbers'],
    ['a mask of another size', { annotations: [{ ...annotations[0], segmentation: { size: [WIDTH, HEIGHT], counts: [WIDTH * HEIGHT] } }] }, 'E_DATA_MASK', '[24, 32]'],
    ['run lengths that end early', { annotations: [{ ...annotations[0], segmentation: { size: [HEIGHT, WIDTH], counts: [5] } }] }, 'E_DATA_MASK', '768'],
  ]; // prettier-ignore
  for (const [what, changes, code, text] of broken) {
    it(`${what}: reading it says so, and checking too`, async () => {
      await make('val.json', 'a.png', changes);
      await expectFailure(first(), code, text);
      const { problems } = await checkDataset(`coco:${folder()}`);
      expect(problems.map((problem) => problem.code)).to.deep.equal([code]);
      expect(problems[0]!.message).to.include(text);
    });
  }

  it('a file that is not JSON, and a folder without one, are named', async () => {
    await writeFile(join(folder(), 'val.json'), '{"images": [NaN]}');
    await expectFailure(openDataset(`coco:${folder()}`), 'E_DATA_COCO', 'val.json', 'NaN');
    await rm(join(folder(), 'val.json'));
    await expectFailure(openDataset(`coco:${folder()}`), 'E_DATA_ROOT', folder());
  });

  const good = annotations[0]!;
  const faults: [string, Entry, string, string][] = [
    ['an id twice', { annotations: [good, { ...annotations[1], id: 7 }] }, 'E_DATA_COCO', '7 again'],
    ['the id 0', { annotations: [{ ...good, id: 0 }] }, 'E_DATA_COCO', 'from 1 on'],
    ['an image that is not there', { annotations: [good, { ...good, id: 8, image_id: 77 }] }, 'E_DATA_COCO', '77'],
    ['a category that is not there', { annotations: [good, { ...good, id: 8, category_id: 77 }] }, 'E_DATA_COCO', '77'],
    ['an image twice', { images: [1, 2].map(() => ({ id: 3, file_name: 'a.png', width: WIDTH, height: HEIGHT })) }, 'E_DATA_COCO', 'id 3 again'],
    ['a box outside', { annotations: [{ ...good, bbox: [4, 5, 40, 8] }] }, 'E_DATA_BOX', '[4,5,40,8]'],
    ['a box without a height', { annotations: [{ ...good, bbox: [4, 5, 10, 0] }] }, 'E_DATA_BOX', 'a height'],
    ['a mask elsewhere', { annotations: [{ ...good, segmentation: box(20, 14, 8, 8) }] }, 'E_DATA_BOX', '[20,14,8,8]'],
    ['an object twice', { annotations: [good, { ...good, id: 8 }] }, 'E_DATA_BOX', 'annotation 7 again'],
    ['an empty mask', { annotations: [{ ...good, segmentation: { size: [HEIGHT, WIDTH], counts: [WIDTH * HEIGHT] } }] }, 'E_DATA_MASK', 'an empty one'],
    ['an outline on a line', { annotations: [{ ...good, segmentation: [...box(4, 5, 10, 8), [4, 5, 6, 7, 8, 9]] }] }, 'E_DATA_MASK', 'on a line'],
    ['a picture of another size', { images: [{ id: 3, file_name: 'a.png', width: HEIGHT, height: WIDTH }], annotations: [{ ...good, segmentation: box(4, 5, 10, 8) }] }, 'E_DATA_SIZE', '24x32'],
    ['a picture that is not there', { images: [{ id: 3, file_name: 'b.png', width: WIDTH, height: HEIGHT }] }, 'E_DATA_MISSING', 'b.png'],
  ]; // prettier-ignore
  for (const [what, changes, code, text] of faults) {
    it(`checking finds ${what}`, async () => {
      await make('val.json', 'a.png', changes);
      const { problems } = await checkDataset(`coco:${folder()}`);
      expect(problems.map((problem) => problem.code)).to.deep.equal([code]);
      expect(problems[0]!.message).to.include(text);
    });
  }
});
