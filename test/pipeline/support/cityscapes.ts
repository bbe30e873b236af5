import type { ClassInfo } from '../../../src/data/dataset.js';
import { openDataset } from '../../../src/data/registry.js';
import { encodePng } from '../../../src/image/encode.js';
import { encodeLabelMap } from '../../../src/image/labels.js';
import { saveCheckpoint } from '../../../src/models/checkpoint.js';
import { createNetwork } from '../../../src/models/registry.js';
import { stateDict } from '../../../src/models/state-dict.js';
import { IMAGENET } from '../../../src/models/preprocessing.js';
import { write } from '../../data/support/folders.js';

/** The label id of each of the 19 classes. @source github.com/mcordts/cityscapesScripts, helpers/labels.py */
export const ID_OF_CLASS = [7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33];

/** The classes of a scene as label ids; the last one counts nowhere. */
const SCENE_IDS = [7, 8, 22, 11, 13, 21, 23, 26, 24, 20, 4];

export interface CityscapesOptions {
  width: number;
  height: number;
  /** Images per city. */
  train: number;
  val: number;
}

/**
 * Writes drawn scenes as the archives of Cityscapes unpack, every label id from 0 to 33 somewhere in each of them. Every second image
 * has its `labelTrainIds`, too.
 *
 * @returns pixels of each class over the val images
 */
export async function writeCityscapes(folder: string, options: CityscapesOptions): Promise<number[]> {
  const { width, height } = options;
  const dataset = await openDataset(`scenes:5@${height}x${width}`);
  const pixels = ID_OF_CLASS.map(() => 0);
  for (const [split, city] of [
    ['train', 'ulm'],
    ['val', 'jena'],
  ] as const) {
    for (const [i, sample] of dataset.samples(split).slice(0, options[split]).entries()) {
      const id = `${city}_00000${i}_000019`;
      const ids = (await dataset.readLabel(sample)).data.map((scene) => SCENE_IDS[scene]!);
      // A row of all ids.
      for (let x = 0; x < width; x++) ids[x] = x % 34;
      const image = await encodePng(await dataset.readImage(sample));
      await write(folder, `leftImg8bit/${split}/${city}/${id}_leftImg8bit.png`, image);
      const label = `gtFine/${split}/${city}/${id}_gtFine`;
      await write(folder, `${label}_labelIds.png`, encodeLabelMap({ data: ids, width, height }));
      const trainIds = ids.map((labelId) => (ID_OF_CLASS.includes(labelId) ? ID_OF_CLASS.indexOf(labelId) : 255));
      if (i % 2 === 1) {
        await write(folder, `${label}_labelTrainIds.png`, encodeLabelMap({ data: trainIds, width, height }));
      }
      if (split === 'val') for (const trainId of trainIds) if (trainId !== 255) pixels[trainId]!++;
    }
  }
  return pixels;
}

/** A narrow network with fresh weights, of Cityscapes' classes. */
export async function writeBase(folder: string, model: string, classes: readonly ClassInfo[]): Promise<string> {
  const network = createNetwork({ name: model, classes: classes.length, width: 0.125 }, { seed: 1 });
  const config = { network: network.spec, classes: [...classes], ignore: 255, preprocessing: IMAGENET };
  await saveCheckpoint(folder, { ...config, storage: 'fp32', training: {} }, stateDict(network), network.parameters);
  network.dispose();
  return folder;
}
