import { join } from 'node:path';
import { decodeImage, imageFileSize } from '../image/decode.js';
import { decodeLabelMap } from '../image/labels.js';
import type { LabelMap, Pixels } from '../image/pixels.js';
import { checkSize } from '../tasks/segmentation/check-size.js';
import { labelMaps } from '../tasks/segmentation/targets.js';
import type { Targets } from '../tasks/task.js';
import { failSplit } from './checks.js';
import type { ClassInfo, Dataset, Recordings, Sample } from './dataset.js';
import { createIdTable, mapIds } from './ids.js';
import type { TurnedFile } from './orientations.js';
import { readSampleFile, requireSampleFile } from './sample-file.js';

/** What a kind of dataset knows once it has looked at its folder. */
export interface FolderContent {
  spec: string;
  name: string;
  root: string;
  classes: ClassInfo[];
  ignore: number;
  resized?: boolean;
  recordings?: Recordings;
  /** Samples by split, in the order of the splits. */
  samples: Map<string, Sample[]>;
  /** Stored id -> class id or `ignore`; an id left out is an error. Left out as a whole: ids are stored as they are. */
  ids?: (sample: Sample) => ReadonlyMap<number, number> | undefined;
}

/** A dataset of image files with a label file each, under one folder. */
export class FolderDataset implements Dataset {
  readonly spec: string;
  readonly name: string;
  readonly root: string;
  readonly classes: ClassInfo[];
  readonly ignore: number;
  readonly targets: Targets;
  readonly splits: string[];
  readonly resized: boolean;
  readonly recordings?: Recordings;

  constructor(private readonly content: FolderContent) {
    this.spec = content.spec;
    this.name = content.name;
    this.root = content.root;
    this.classes = content.classes;
    this.ignore = content.ignore;
    this.targets = labelMaps(content.ignore);
    this.resized = content.resized ?? false;
    this.recordings = content.recordings;
    this.splits = [...content.samples.keys()];
  }

  samples(split: string): Sample[] {
    return this.content.samples.get(split) ?? failSplit(this.spec, split, this.splits);
  }

  readImageBytes(sample: Sample): Promise<Uint8Array> {
    return readSampleFile(join(this.root, sample.image), 'image');
  }

  async readImage(sample: Sample): Promise<Pixels> {
    return decodeImage(await this.readImageBytes(sample), join(this.root, sample.image));
  }

  async turned({ image }: Sample): Promise<TurnedFile | undefined> {
    const path = join(this.root, image);
    const size = await imageFileSize(path);
    return size.orientation === 1 ? undefined : { path, ...size };
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
    mapIds(label, createIdTable(this.classes.length, this.ignore, this.content.ids?.(sample)), path);
    return label;
  }

  storesClassIds(sample: Sample): boolean {
    return this.content.ids?.(sample) === undefined;
  }
}
