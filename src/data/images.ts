import { fail } from '../common/errors.js';
import { IMAGE_EXTENSIONS } from '../image/extensions.js';
import type { Dataset, Sample } from './dataset.js';
import { imagesBelow, namedSamples, shareOf } from './image-paths.js';
import { listFolder } from './list-folder.js';
import { UnlabelledDataset } from './unlabelled-dataset.js';

/** Share of the images that is held out. */
const HELD_OUT = 0.1;

/**
 * All images in a folder and those within it, without labels: for objectives and scores that need none. A tenth, chosen by the hash of their paths,
 * is `val`, the others are `train`.
 *
 * @throws E_DATA_ROOT where there is none
 */
export async function openImages(root: string, spec: string): Promise<Dataset> {
  const paths = await imagesBelow(root);
  if (paths.length === 0) {
    const isThere = (await listFolder(root, 'files')) !== undefined;
    fail('E_DATA_ROOT', {
      where: root,
      expected: `a folder of images (${IMAGE_EXTENSIONS.join(', ')})`,
      got: isThere ? 'none in it, nor in folders within it' : 'no such folder',
      todo: 'Give the folder that holds the images: images:DIR.',
    });
  }
  const all = namedSamples(paths.map((image) => ({ id: image, image, label: '' })));
  const [train, val]: Sample[][] = [[], []];
  for (const sample of all) (shareOf(sample.image) < HELD_OUT ? val! : train!).push(sample);
  return new UnlabelledDataset({
    ...{ spec, name: 'images', root },
    samples: new Map(Object.entries({ train: train!, val: val! })),
  });
}
