import { join } from 'node:path';
import { fail, GearnnError } from '../../common/errors.js';
import { forEachParallel } from '../../common/parallel.js';
import { decodeInstanceMap } from '../../image/instances.js';
import type { Dataset, Sample } from '../dataset.js';
import { shareOf } from '../image-paths.js';
import { listFolder } from '../list-folder.js';
import { readListText } from '../list-text.js';
import { throwProblem, type Report } from '../report.js';
import { readSampleFile } from '../sample-file.js';
import { InstanceDataset, objectClasses } from './dataset.js';
import { writeLabel } from './label.js';
import { instancesOfMap } from './map.js';

const SPLITS = ['train', 'val', 'test'];

/** Share of the images that is held out where no list says which. */
const HELD_OUT = 0.2;

/** Masks read at a time. */
const AT_ONCE = 4;

/** Where an image's mask lies. */
const MASK = '_mask.png';

/**
 * Penn-Fudan's pedestrians: `PNGImages/NAME.png`, `PedMasks/NAME_mask.png` with an id per person, and `SPLIT.txt` with a name per line; where there is
 * no list, a fifth of the images, chosen by the hash of their names, is `val`.
 *
 * @throws E_DATA_ROOT for another folder, and what reading lists and masks throws
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
    const own: (Sample | undefined)[] = [];
    await forEachParallel(names.entries(), AT_ONCE, async ([i, id]) => {
      const label = await labelOf(root, id, classes, report);
      own[i] = label === undefined ? undefined : { id, image: `PNGImages/${id}.png`, label };
    });
    samples.set(
      split,
      own.filter((sample) => sample !== undefined),
    );
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

/** The people of an image; undefined where their mask cannot be read and that has been reported. */
async function labelOf(
  root: string,
  id: string,
  classes: Parameters<typeof writeLabel>[1],
  report: Report,
): Promise<string | undefined> {
  const path = join(root, 'PedMasks', `${id}${MASK}`);
  try {
    const map = decodeInstanceMap(await readSampleFile(path, 'instance'), path);
    const people = instancesOfMap(map, () => 1);
    return writeLabel(people, classes);
  } catch (error) {
    if (!(error instanceof GearnnError)) throw error;
    report(error);
    return undefined;
  }
}
