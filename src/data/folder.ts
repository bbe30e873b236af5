import { join } from 'node:path';
import { imageFileSize } from '../image/decode.js';
import { decodeLabelMap } from '../image/labels.js';
import type { LabelMap } from '../image/pixels.js';
import { checkSize } from '../tasks/segmentation/check-size.js';
import { labelMaps } from '../tasks/segmentation/targets.js';
import type { Targets } from '../tasks/task.js';
import type { Sample } from './dataset.js';
import { FileDataset, type FileContent } from './file-dataset.js';
import { createIdTable, mapIds } from './ids.js';
import { readSampleFile, requireSampleFile } from './sample-file.js';

/** What a kind of dataset with label maps knows once it has looked at its folder. */
export interface FolderContent extends FileContent {
  ignore: number;
  /** Stored id -> class id or `ignore`; an id left out is an error. Left out as a whole: ids are stored as they are. */
  ids?: (sample: Sample) => ReadonlyMap<number, number> | undefined;
  /** What the label maps are labels for. Default: segmentation. */
  targets?: Targets<LabelMap>;
}

/** A dataset of image files with a label map each, under one folder. */
export class FolderDataset extends FileDataset {
  private readonly ids: FolderContent['ids'];

  constructor(content: FolderContent) {
    super(content, content.targets ?? labelMaps(content.ignore), content.ignore);
    this.ids = content.ids;
  }

  readTarget(sample: Sample): Promise<LabelMap> {
    return this.readLabel(sample);
  }

  async readLabel(sample: Sample): Promise<LabelMap> {
    const path = join(this.root, sample.label);
    const image = join(this.root, sample.image);
    const label = await decodeLabelMap(await readSampleFile(path, 'label'), path);
    const size = await imageFileSize(image).catch(async (error: unknown) => {
      await requireSampleFile(image, 'image');
      throw error;
    });
    checkSize(label, size, path, this.resized, { image, orientation: size.orientation });
    mapIds(label, createIdTable(this.classes.length, this.ignore, this.ids?.(sample)), path);
    return label;
  }

  storesClassIds(sample: Sample): boolean {
    return this.ids?.(sample) === undefined;
  }
}
