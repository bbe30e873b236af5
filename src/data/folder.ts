import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fail } from '../common/errors.js';
import { decodeImage, imageFileSize } from '../image/decode.js';
import { decodeLabelMap } from '../image/labels.js';
import type { LabelMap, Pixels } from '../image/pixels.js';
import type { ClassInfo, Dataset, Sample } from './dataset.js';
import { createIdTable, mapIds } from './ids.js';

/** What a kind of dataset knows once it has looked at its folder. */
export interface FolderContent {
  spec: string;
  name: string;
  root: string;
  classes: ClassInfo[];
  ignore: number;
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
  readonly splits: string[];

  constructor(private readonly content: FolderContent) {
    this.spec = content.spec;
    this.name = content.name;
    this.root = content.root;
    this.classes = content.classes;
    this.ignore = content.ignore;
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

  async readLabel(sample: Sample): Promise<LabelMap> {
    const path = join(this.root, sample.label);
    const image = join(this.root, sample.image);
    const label = await decodeLabelMap(await readSampleFile(path, 'label'), path);
    await orMissing(access(image), image, 'image');
    checkSize(label, await imageFileSize(image), path);
    mapIds(label, createIdTable(this.classes.length, this.ignore, this.content.ids?.(sample)), path);
    return label;
  }
}

/** @throws E_DATA_SIZE if a label map does not fit its image */
export function checkSize(
  label: { width: number; height: number },
  image: { width: number; height: number },
  where: string,
): void {
  if (label.width === image.width && label.height === image.height) return;
  fail('E_DATA_SIZE', {
    where,
    expected: `a label map of its image's size, ${image.width}x${image.height}`,
    got: `${label.width}x${label.height}`,
    todo: 'Resize one of the two (labels by nearest neighbour), or remove the sample.',
  });
}

/** @throws E_DATA_SPLIT always */
export function failSplit(spec: string, split: string, splits: string[]): never {
  fail('E_DATA_SPLIT', {
    where: spec,
    expected: `one of its splits (${splits.join(', ')})`,
    got: `"${split}"`,
  });
}

function readSampleFile(path: string, what: 'image' | 'label'): Promise<Uint8Array> {
  return orMissing(readFile(path), path, what);
}

/** @throws E_DATA_MISSING if what was tried failed because there is no such file */
async function orMissing<T>(trial: Promise<T>, path: string, what: 'image' | 'label'): Promise<T> {
  try {
    return await trial;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'EISDIR') throw error;
    fail('E_DATA_MISSING', {
      where: path,
      expected: `the ${what} file`,
      got: code === 'EISDIR' ? 'a folder' : 'no such file',
      todo: `Put the ${what} there, or remove the sample from its list.`,
    });
  }
}
