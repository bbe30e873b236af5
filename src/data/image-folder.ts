import { join } from 'node:path';
import { fail } from '../common/errors.js';
import { plural } from '../common/plural.js';
import { IMAGE_EXTENSIONS } from '../image/extensions.js';
import { ClassDataset } from './class-dataset.js';
import { colorClasses } from './class-colors.js';
import type { Dataset, Sample } from './dataset.js';
import { imagesBelow, namedSamples, shareOf } from './image-paths.js';
import { listFolder } from './list-folder.js';

/** Folders that are splits where there are such. */
const SPLITS = ['train', 'val', 'test'];

/** Share of the images that is held out where no folder says which. */
const HELD_OUT = 0.2;

/**
 * Images in a folder per class, whose name is the class's: `train/CLASS/a.jpg` beside `val/CLASS/b.jpg` or `test/...`. Where there is no
 * `train` folder, `CLASS/a.jpg`: a fifth of the images, chosen by the hash of their paths, is `val`, the others are `train`. Classes are those of
 * all splits, sorted by name; folders within a class's are looked through as well, and files that are no images left alone. Samples go class by
 * class in turn, so that the first so many are of all classes.
 *
 * @throws E_DATA_ROOT where there is no image in a folder of a class
 * @source torchvision.datasets.ImageFolder
 */
export async function openImageFolder(root: string, spec: string): Promise<Dataset> {
  const training = (await listFolder(join(root, 'train'), 'folders')) ?? [];
  const { bySplit, classes: found } = training.length > 0 ? await inSplits(root) : await heldOut(root);
  const names = new Set(found.flat());
  const count = [...bySplit.values()].reduce((sum, { length }) => sum + length, 0);
  if (count === 0) {
    const isThere = (await listFolder(root, 'folders')) !== undefined;
    const got = isThere ? `${plural(names.size, 'such folder')} without an image` : 'no such folder';
    fail('E_DATA_ROOT', {
      where: root,
      expected: `images (${IMAGE_EXTENSIONS.join(', ')}) in a folder per class: train/CLASS/ and val/CLASS/, or CLASS/`,
      got,
      todo: 'Give the folder that holds these folders: imagefolder:DIR.',
    });
  }
  const classes = colorClasses([...names].sort((a, b) => (a < b ? -1 : 1)));
  return new ClassDataset({ spec, name: 'imagefolder', root, classes, samples: bySplit });
}

interface Found {
  bySplit: Map<string, Sample[]>;
  classes: string[][];
}

async function inSplits(root: string): Promise<Found> {
  const [bySplit, classes] = [new Map<string, Sample[]>(), [] as string[][]];
  for (const split of SPLITS) {
    const names = (await listFolder(join(root, split), 'folders')) ?? [];
    if (names.length === 0) continue;
    classes.push(names);
    bySplit.set(split, inTurn(await samplesIn(root, split, names)));
  }
  return { bySplit, classes };
}

async function heldOut(root: string): Promise<Found> {
  const names = (await listFolder(root, 'folders')) ?? [];
  const all = await samplesIn(root, '', names);
  const train = inTurn(all.filter(({ image }) => shareOf(image) >= HELD_OUT));
  const val = inTurn(all.filter(({ image }) => shareOf(image) < HELD_OUT));
  const bySplit = new Map(Object.entries({ train, val }));
  return { bySplit, classes: [names] };
}

/** The first of each class, then the second, and so on. */
function inTurn(samples: readonly Sample[]): Sample[] {
  const counts = new Map<string, number>();
  const placed = samples.map((sample) => {
    const place = counts.get(sample.label) ?? 0;
    counts.set(sample.label, place + 1);
    return { sample, place };
  });
  return placed.sort((a, b) => a.place - b.place).map(({ sample }) => sample);
}

/** @param inside folder of the classes below the root, '' for itself */
async function samplesIn(root: string, inside: string, classes: readonly string[]): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (const label of classes) {
    for (const path of await imagesBelow(join(root, inside, label))) {
      const image = [inside, label, path].filter((part) => part !== '').join('/');
      samples.push({ id: `${label}/${path}`, image, label });
    }
  }
  return namedSamples(samples);
}
