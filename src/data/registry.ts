import { fail } from '../common/errors.js';
import { openCamvid } from './camvid.js';
import { openCityscapes } from './cityscapes.js';
import type { Dataset } from './dataset.js';
import { openImageFolder } from './image-folder.js';
import { openImages } from './images.js';
import { openCoco } from './instances/coco.js';
import { openPennFudan } from './instances/penn-fudan.js';
import { openList } from './list.js';
import { withParts } from './parts.js';
import type { Report } from './report.js';
import { openScenes } from './scenes.js';

/** One way of storing a dataset: the part of a spec before the colon, and what opens the part behind it. */
export interface DatasetKind {
  /** How a spec of this kind is written, for messages: `camvid:DIR`. */
  usage: string;
  /**
   * @param argument the part behind the colon, '' where there is none
   * @param report what is done with a bad line or list; thrown unless given
   */
  open(argument: string, spec: string, report?: Report): Promise<Dataset>;
}

/** Every kind of dataset: one line each. */
export const datasetKinds: Record<string, DatasetKind> = {
  cityscapes: { usage: 'cityscapes:DIR', open: openCityscapes },
  coco: { usage: 'coco:DIR', open: openCoco },
  camvid: { usage: 'camvid:DIR', open: openCamvid },
  imagefolder: { usage: 'imagefolder:DIR', open: openImageFolder },
  images: { usage: 'images:DIR', open: openImages },
  list: { usage: 'list:DIR', open: openList },
  pennfudan: { usage: 'pennfudan:DIR', open: openPennFudan },
  scenes: { usage: 'scenes[:SEED[@HEIGHTxWIDTH]][/instances]', open: openScenes },
};

/**
 * Opens a dataset; reads its lists, not its images.
 *
 * @param spec `KIND:ARGUMENT`, such as `camvid:DIR`
 * @param report what is done with a bad line or list; thrown unless given
 * @throws E_DATA_SPEC if there is no such kind, and the errors of that kind
 */
export async function openDataset(spec: string, report?: Report): Promise<Dataset> {
  const colon = spec.indexOf(':');
  const name = colon < 0 ? spec : spec.slice(0, colon);
  const kind = Object.hasOwn(datasetKinds, name) ? datasetKinds[name] : undefined;
  const argument = colon < 0 ? '' : spec.slice(colon + 1);
  if (!kind || (argument === '' && kind.usage.endsWith(':DIR'))) {
    const usages = Object.values(datasetKinds).map(({ usage }) => usage);
    fail('E_DATA_SPEC', { where: 'dataset', expected: usages.join(', '), got: `"${spec}"` });
  }
  return withParts(await kind.open(argument, spec, report));
}
