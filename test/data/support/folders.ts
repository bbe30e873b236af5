import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Dataset } from '../../../src/data/dataset.js';
import { openDataset } from '../../../src/data/registry.js';
import type { Instances } from '../../../src/detect/instances.js';
import { rleToText } from '../../../src/detect/rle-text.js';
import { writeListDataset } from '../../../src/data/write-list.js';
import { encodePng } from '../../../src/image/encode.js';
import { encodeLabelMap } from '../../../src/image/labels.js';
import type { LabelMap } from '../../../src/image/pixels.js';

/** Height and width of the scenes that all folders here are made of. */
export const [HEIGHT, WIDTH] = [24, 32];
const SCENES = `scenes:3@${HEIGHT}x${WIDTH}`;

/** Makes a folder that is removed after the tests of the suite that calls this. */
export function temporaryFolder(): () => string {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-data-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));
  return () => folder;
}

/** For every kind of dataset, what makes a small one in an empty folder; each gives the spec. */
export const makers: Record<string, (folder: string) => Promise<string>> = {
  cityscapes: makeCityscapes,
  coco: makeCoco,
  camvid: makeCamvid,
  imagefolder: makeImageFolder,
  images: makeImages,
  list: makeList,
  pennfudan: makePennFudan,
  scenes: () => Promise.resolve(SCENES),
};

export async function makeList(folder: string, count = 3): Promise<string> {
  await writeListDataset(await openDataset(SCENES), folder, { count });
  return `list:${folder}`;
}

/** Scenes in two folders of classes. */
export async function makeImageFolder(folder: string): Promise<string> {
  for (const split of ['train', 'val']) {
    await eachScene(split, 4, async (dataset, sample, i) => {
      const name = ['street', 'alley'][i % 2]!;
      await write(folder, `${split}/${name}/${i}.png`, await encodePng(await dataset.readImage(sample)));
    });
  }
  return `imagefolder:${folder}`;
}

/** Scenes without labels, two of them in the tenth that is held out. */
export async function makeImages(folder: string): Promise<string> {
  await eachScene('train', 7, async (dataset, sample, i) => {
    await write(folder, `${i}.png`, await encodePng(await dataset.readImage(sample)));
  });
  return `images:${folder}`;
}

/** Scenes whose objects are people all of them, with an id each. */
export async function makePennFudan(folder: string): Promise<string> {
  for (const split of ['train', 'val']) {
    const names: string[] = [];
    await eachScene(split, 3, async (dataset, sample, i) => {
      const name = `Fudan${split}0000${i}`;
      const { data, width, height } = await dataset.readInstances!(sample);
      await write(folder, `PNGImages/${name}.png`, await encodePng(await dataset.readImage(sample)));
      await write(folder, `PedMasks/${name}_mask.png`, encodeLabelMap({ data: Uint8Array.from(data), width, height }));
      names.push(name);
    });
    await writeFile(join(folder, `${split}.txt`), names.join('\n'));
  }
  return `pennfudan:${folder}`;
}

/** Scenes in COCO's layout, with masks as run lengths; categories have gaps. */
export async function makeCoco(folder: string): Promise<string> {
  const objects = await openDataset(`${SCENES}/instances`);
  for (const split of ['train', 'val']) {
    const [images, annotations]: [unknown[], unknown[]] = [[], []];
    await eachScene(split, 3, async (dataset, sample, i) => {
      const [name, id] = [`00000${i}.png`, 10 * i];
      await write(folder, `${split}2017/${name}`, await encodePng(await dataset.readImage(sample)));
      images.push({ id, file_name: name, width: WIDTH, height: HEIGHT });
      const target = (await objects.readTarget(sample)) as Instances;
      target.masks!.forEach((mask, at) => {
        const bbox = [...target.boxes.subarray(4 * at, 4 * at + 4)];
        const segmentation = { size: [HEIGHT, WIDTH], counts: at % 2 === 0 ? rleToText(mask) : [...mask.counts] };
        const category = [undefined, 3, 1][target.classes[at]!];
        const area = target.areas[at];
        annotations.push({ id: annotations.length + 1, image_id: id, category_id: category, bbox, area, segmentation, iscrowd: 0 }); // prettier-ignore
      });
    });
    const categories = [
      { id: 3, name: 'car' },
      { id: 1, name: 'person' },
    ];
    await write(folder, `annotations/instances_${split}2017.json`, JSON.stringify({ images, annotations, categories }));
  }
  return `coco:${folder}`;
}

/** Stored as label ids: the class that a scene's class stands for. */
const LABEL_IDS = [7, 8, 22, 11, 13, 21, 23, 26, 24, 20, 17];

export async function makeCityscapes(folder: string): Promise<string> {
  for (const [split, city] of [
    ['train', 'ulm'],
    ['train', 'bonn'],
    ['val', 'jena'],
  ] as const) {
    await eachScene(split, 2, async (dataset, sample, i) => {
      const id = `${city}_00000${i}_000019`;
      const label = await dataset.readLabel(sample);
      const instances = await dataset.readInstances!(sample);
      await write(
        folder,
        `leftImg8bit/${split}/${city}/${id}_leftImg8bit.png`,
        await encodePng(await dataset.readImage(sample)),
      );
      await write(
        folder,
        `gtFine/${split}/${city}/${id}_gtFine_labelIds.png`,
        encodeLabelMap(replaced(label, LABEL_IDS)),
      );
      const ids = instances.data.map((object, at) => (object === 0 ? LABEL_IDS[label.data[at]!]! : 26000 + object));
      await write(folder, `gtFine/${split}/${city}/${id}_gtFine_instanceIds.png`, await encodeDeep(ids, label));
    });
  }
  return `cityscapes:${folder}`;
}

export async function makeCamvid(folder: string): Promise<string> {
  for (const split of ['train', 'val']) {
    const lines: string[] = [];
    await eachScene(split, 3, async (dataset, sample, i) => {
      const [image, label] = [`${split}/000${i}.png`, `${split}annot/000${i}.png`];
      const map = await dataset.readLabel(sample);
      map.data[0] = 11;
      await write(folder, image, await encodePng(await dataset.readImage(sample)));
      await write(folder, label, encodeLabelMap(map));
      lines.push(`/SegNet/CamVid/${image} /SegNet/CamVid/${label}`);
    });
    await writeFile(join(folder, `${split}.txt`), lines.join('\n'));
  }
  return `camvid:${folder}`;
}

async function eachScene(
  split: string,
  count: number,
  action: (dataset: Dataset, sample: ReturnType<Dataset['samples']>[number], index: number) => Promise<void>,
): Promise<void> {
  const dataset = await openDataset(SCENES);
  for (const [i, sample] of dataset.samples(split).slice(0, count).entries()) await action(dataset, sample, i);
}

export async function write(folder: string, path: string, content: Uint8Array | string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
}

function replaced(label: LabelMap, ids: readonly number[]): LabelMap {
  return { ...label, data: label.data.map((id) => ids[id]!) };
}

/** A gray PNG of 16 bits. */
export async function encodeDeep(data: Uint16Array, size: { width: number; height: number }): Promise<Uint8Array> {
  const { encode } = await import('fast-png');
  return encode({ data, width: size.width, height: size.height, depth: 16, channels: 1 });
}
