import { join } from 'node:path';
import { fail, GearnnError } from '../../common/errors.js';
import type { Instances } from '../../detect/instances.js';
import { imageFileSize } from '../../image/decode.js';
import { instanceTargets } from '../../tasks/detection/targets.js';
import { idsByName } from '../class-dataset.js';
import { colorClasses } from '../class-colors.js';
import type { ClassInfo, Sample } from '../dataset.js';
import { FileDataset, type FileContent } from '../file-dataset.js';
import { requireSampleFile } from '../sample-file.js';
import { objectFaults } from './faults.js';
import { parseLabel, readObjects } from './label.js';

/** The class of what is no object; no annotation is of it. */
export const BACKGROUND_NAME = 'background';

/** In the place of an id of pixels that count nowhere: there is none. */
export const NO_IGNORE = -1;

/** Classes of objects, behind the background. */
export function objectClasses(names: readonly string[]): ClassInfo[] {
  const [background, ...others] = colorClasses([BACKGROUND_NAME, ...names]);
  return [{ ...background!, unused: true }, ...others];
}

/** A dataset of image files whose samples' labels are the objects in them, as text. */
export class InstanceDataset extends FileDataset {
  private readonly idOf: ReadonlyMap<string, number>;

  /** @param withMasks objects are known with their masks, else as boxes */
  constructor(
    content: FileContent,
    private readonly withMasks: boolean,
  ) {
    super(content, instanceTargets(withMasks ? 'instances' : 'detection'), NO_IGNORE);
    this.idOf = idsByName(content.classes);
  }

  readTarget(sample: Sample): Promise<Instances> {
    return this.read(sample).then(({ target }) => target);
  }

  private async read(sample: Sample): Promise<{ target: Instances; objects: Parameters<typeof readObjects>[0] }> {
    const path = join(this.root, sample.image);
    const label = parseLabel(sample.label, path);
    const { width, height, objects } = label;
    const size = width !== undefined && height !== undefined ? { width, height } : await this.imageSize(path);
    return { target: readObjects(objects, size, this.idOf, this.withMasks, path), objects };
  }

  private async imageSize(path: string): Promise<{ width: number; height: number }> {
    await requireSampleFile(path, 'image');
    const { width, height } = await imageFileSize(path);
    return { width, height };
  }

  /** What is wrong with the objects of a sample that can be read all the same. */
  async inspect(sample: Sample): Promise<GearnnError[]> {
    const { target, objects } = await this.read(sample);
    return objectFaults(target, objects, join(this.root, sample.image));
  }

  /** @throws E_DATA_TASK always */
  async readLabel(): Promise<never> {
    failObjects(this.spec);
  }

  files({ image }: Sample): string[] {
    return [join(this.root, image)];
  }
}

/** @throws E_DATA_TASK always */
export function failObjects(spec: string): never {
  fail('E_DATA_TASK', {
    where: spec,
    expected: 'a dataset with label maps',
    got: 'one with boxes or masks of objects',
    todo: 'This needs a class for every pixel: use data that are labelled so, and a network for segmentation.',
  });
}
