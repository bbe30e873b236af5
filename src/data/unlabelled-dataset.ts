import { join } from 'node:path';
import { NO_CLASS } from '../tasks/classification/targets.js';
import type { Targets } from '../tasks/task.js';
import type { Sample } from './dataset.js';
import { FileDataset, type FileContent } from './file-dataset.js';
import { failUnlabelled } from './unlabelled.js';

/** What images are labelled with that nobody has labelled. */
const NO_TARGETS: Targets<null> = {
  name: 'none',
  noun: 'images',
  labelFiles: false,
  place: () => null,
  collate: () => ({}),
  unknown: () => null,
  isTaught: () => false,
  ids: () => [],
};

/** A dataset of image files under one folder that nobody has labelled. */
export class UnlabelledDataset extends FileDataset {
  readonly unlabelled = true;

  constructor(content: Omit<FileContent, 'classes'>) {
    super({ ...content, classes: [] }, NO_TARGETS, NO_CLASS);
  }

  async readTarget(): Promise<null> {
    return null;
  }

  /** @throws E_DATA_TASK always */
  async readLabel(): Promise<never> {
    failUnlabelled(this.spec);
  }

  files({ image }: Sample): string[] {
    return [join(this.root, image)];
  }
}
