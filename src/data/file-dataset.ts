import { join } from 'node:path';
import { decodeImage, imageFileSize } from '../image/decode.js';
import type { LabelMap, Pixels } from '../image/pixels.js';
import type { Targets } from '../tasks/task.js';
import { failSplit } from './checks.js';
import type { ClassInfo, Dataset, Recordings, Sample } from './dataset.js';
import type { TurnedFile } from './orientations.js';
import { readSampleFile } from './sample-file.js';

/** What a kind of dataset knows once it has looked at its folder. */
export interface FileContent {
  spec: string;
  name: string;
  root: string;
  classes: ClassInfo[];
  resized?: boolean;
  recordings?: Recordings;
  /** Samples by split, in the order of the splits. */
  samples: Map<string, Sample[]>;
}

/** A dataset of image files under one folder, whatever they are labelled with. */
export abstract class FileDataset implements Dataset {
  readonly spec: string;
  readonly name: string;
  readonly root: string;
  readonly classes: ClassInfo[];
  readonly splits: string[];
  readonly resized: boolean;
  readonly recordings?: Recordings;
  private readonly bySplit: Map<string, Sample[]>;

  constructor(
    content: FileContent,
    readonly targets: Targets,
    readonly ignore: number,
  ) {
    this.spec = content.spec;
    this.name = content.name;
    this.root = content.root;
    this.classes = content.classes;
    this.resized = content.resized ?? false;
    this.recordings = content.recordings;
    this.bySplit = content.samples;
    this.splits = [...content.samples.keys()];
  }

  abstract readTarget(sample: Sample): Promise<unknown>;
  abstract readLabel(sample: Sample): Promise<LabelMap>;

  samples(split: string): Sample[] {
    return this.bySplit.get(split) ?? failSplit(this.spec, split, this.splits);
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
}
