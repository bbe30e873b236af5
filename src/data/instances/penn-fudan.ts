import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '../../common/errors.js';
import { decodeInstanceMap } from '../../image/instances.js';
import type { ClassInfo, Dataset, Sample } from '../dataset.js';
import { shareOf } from '../image-paths.js';
import { listFolder } from '../list-folder.js';
import { readListText } from '../list-text.js';
import { throwProblem, type Report } from '../report.js';
import { InstanceDataset, objectClasses } from './dataset.js';
import { writeLabel } from './label.js';
import { lazySample } from './lazy-sample.js';
import { instancesOfMap } from './map.js';

const SPLITS = ['train', 'val', 'test'];

/** Share of the images that is held out where no list says which. */
const HELD_OUT = 0.2;

/** Where an image's mask lies. */
const MASK = '_mask.png';

/**
 * Penn-Fudan's pedestrians: `PNGImages/NAME.png`, `PedMasks/NAME_mask.png` with an id per person, and `SPLIT.txt` with a name per line; where there is
 * no list, a fifth of the images, chosen by the hash of their names, is `val`.
 *
 * @throws E_DATA_ROOT for another folder, and what reading lists throws
 * @source Wang, Shi, Song, Shen: Object Detection Combining Recognition and Segmentation, ACCV 2007
 */
export async function openPennFudan(root: string, spec: string, report: Report = throwProblem): Promise<Dataset> {
  const images = ((await listFolder(join(root, 'PNGImages'), 'files')) ?? []).filter((name) => name.endsWith('.png'));
  if (images.length === 0) {
    fail('E_DATA_ROOT', {
      where: root,
      expected: 'a Penn-Fudan folder with PNGImages/NAME.png and PedMasks/NAME_mask.png',
      got: 'no PNGImages with PNGs',
      todo: 'Give the folder that holds the two: pennfudan:DIR.',
    });
  }
  const classes = objectClasses(['person']);
  const samples = new Map<string, Sample[]>();
  for (const [split, names] of await splitsOf(root, images, report)) {
    const own = names.map((id) => {
      return lazySample({ id, image: `PNGImages/${id}.png` }, () =>
        labelOf(join(root, 'PedMasks', `${id}${MASK}`), classes),
      );
    });
    samples.set(split, own);
  }
  return new InstanceDataset({ spec, name: 'pennfudan', root, classes, samples }, true);
}

async function splitsOf(root: string, images: readonly string[], report: Report): Promise<Map<string, string[]>> {
  const splits = new Map<string, string[]>();
  const files = (await listFolder(root, 'files')) ?? [];
  for (const split of SPLITS.filter((name) => files.includes(`${name}.txt`))) {
    const text = (await readListText(join(root, `${split}.txt`), report)) ?? '';
    splits.set(split, text.split(/\s+/).filter((name) => name !== '')); // prettier-ignore
  }
  if (splits.size > 0) return splits;
  const names = images.map((name) => name.slice(0, -'.png'.length));
  const isHeldOut = (name: string): boolean => shareOf(name) < HELD_OUT;
  return new Map([
    ['train', names.filter((name) => !isHeldOut(name))],
    ['val', names.filter(isHeldOut)],
  ]);
}

/** The people of a mask, as a label. */
function labelOf(path: string, classes: readonly ClassInfo[]): string {
  const map = decodeInstanceMap(readMask(path), path);
  return writeLabel(
    instancesOfMap(map, () => 1),
    classes,
  );
}

/** @throws E_DATA_MISSING */
function readMask(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    return fail('E_DATA_MISSING', {
      where: path,
      expected: 'the mask of each image',
      got: 'no such file',
      todo: 'Put the mask there, or take the image out of its list.',
      cause,
    });
  }
}
