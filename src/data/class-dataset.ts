import { join } from 'node:path';
import { fail } from '../common/errors.js';
import { classIds, NO_CLASS } from '../tasks/classification/targets.js';
import type { ClassInfo, Sample } from './dataset.js';
import { FileDataset, type FileContent } from './file-dataset.js';

/** A dataset of image files under one folder, each of one class, whose name is its sample's label. */
export class ClassDataset extends FileDataset {
  private readonly idOf: ReadonlyMap<string, number>;

  /** @param content whose samples' labels are names of its classes */
  constructor(content: FileContent) {
    super(content, classIds, NO_CLASS);
    this.idOf = idsByName(content.classes);
  }

  async readTarget({ label }: Sample): Promise<number> {
    return this.idOf.get(label)!;
  }

  /** @throws E_DATA_TASK always */
  async readLabel(): Promise<never> {
    fail('E_DATA_TASK', {
      where: this.spec,
      expected: 'a dataset with label maps',
      got: 'one with a class per image',
      todo: 'This needs a class for every pixel: use data that are labelled so, and a network for segmentation.',
    });
  }

  files({ image }: Sample): string[] {
    return [join(this.root, image)];
  }
}

export function idsByName(classes: readonly ClassInfo[]): Map<string, number> {
  return new Map(classes.map(({ name }, id) => [name, id]));
}
