import { stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { fail } from '../../common/errors.js';
import type { ClassInfo, Dataset, Sample } from '../dataset.js';
import { namedSamples } from '../image-paths.js';
import { listFolder } from '../list-folder.js';
import type { Report } from '../report.js';
import { classesOf, readCocoFile, type CocoFile } from './coco-file.js';
import { InstanceDataset } from './dataset.js';
import { hasMask, type PictureLabel } from './label.js';

/** A file of annotations, and where its pictures may lie. */
export interface CocoSplit {
  split: string;
  path: string;
  /** Folders below the dataset's, the likeliest first. */
  folders: string[];
}

/** Written by Roboflow beside the pictures of each split. */
const BESIDE = '_annotations.coco.json';

/**
 * A dataset in COCO's format: `DIR/annotations/instances_SPLIT.json` with pictures in `DIR/SPLIT/` or `DIR/images/SPLIT/`,
 * `DIR/SPLIT/_annotations.coco.json` with pictures beside it, or `DIR/NAME.json`, or `NAME.json` itself, with pictures beside it or in `images/`.
 * A year behind a split's name is no part of it: `instances_val2017.json` is `val`.
 *
 * @throws E_DATA_ROOT where there is no such file, and what reading them throws
 */
export async function openCoco(root: string, spec: string, report?: Report): Promise<Dataset> {
  const found = await cocoSplits(root);
  const folder = (await isFolder(root)) ? root : dirname(root);
  const files = await Promise.all(found.map(({ path }) => readCocoFile(path, report)));
  const { classes, idOf } = classesOf(files[0]!.categories);
  found.forEach(({ path }, i) => requireCategories(files[0]!, files[i]!, path));
  const withMasks = files.some(({ annotations }) => [...annotations.values()].some((own) => own.some(hasMask)));
  const samples = new Map<string, Sample[]>();
  for (const [i, { split, folders }] of found.entries()) {
    const pictures = await folderOf(folder, folders, files[i]!);
    samples.set(split, samplesOf(files[i]!, pictures, classes, idOf));
  }
  return new InstanceDataset({ spec, name: 'coco', root: folder, classes, samples }, withMasks);
}

/**
 * The files of annotations in a folder, or a file itself.
 *
 * @throws E_DATA_ROOT where there is none
 */
export async function cocoSplits(root: string): Promise<CocoSplit[]> {
  const found = (await isFile(root))
    ? [{ ...named(basename(root)), path: root }]
    : [...(await inAnnotations(root)), ...(await besidePictures(root)), ...(await plain(root))];
  if (found.length === 0) {
    fail('E_DATA_ROOT', {
      where: root,
      expected: `annotations/instances_SPLIT.json, SPLIT/${BESIDE} or a .json file of COCO's format`,
      got: (await isFolder(root)) ? 'none of them' : 'no such folder',
      todo: 'Give the folder that holds them, or the file itself: coco:DIR.',
    });
  }
  // A year tells two files of one split apart.
  const times = (split: string): number => found.filter((other) => other.split === split).length;
  return found.map((own) => (times(own.split) > 1 ? { ...own, split: own.folders[0]! } : own));
}

/** `instances_val2017.json`: the split `val`, whose pictures lie in `val2017`. */
function named(file: string): Pick<CocoSplit, 'split' | 'folders'> {
  const name = file.replace(/\.json$/i, '').replace(/^(?:instances|person_keypoints|annotations)_/, '');
  const split = name.replace(/_?(?:19|20)\d\d$/, '') || name;
  return { split, folders: [name, `images/${name}`, split, `images/${split}`, 'images', ''] };
}

async function inAnnotations(root: string): Promise<CocoSplit[]> {
  const files = (await listFolder(join(root, 'annotations'), 'files')) ?? [];
  const own = files.filter((name) => /^instances_.+\.json$/i.test(name));
  return own.map((name) => ({ ...named(name), path: join(root, 'annotations', name) }));
}

async function besidePictures(root: string): Promise<CocoSplit[]> {
  const found: CocoSplit[] = [];
  for (const split of (await listFolder(root, 'folders')) ?? []) {
    const path = join(root, split, BESIDE);
    if (await isFile(path)) found.push({ split: split === 'valid' ? 'val' : split, path, folders: [split] });
  }
  return found;
}

async function plain(root: string): Promise<CocoSplit[]> {
  const files = ((await listFolder(root, 'files')) ?? []).filter((name) => /\.json$/i.test(name));
  return files.map((name) => ({ ...named(name), path: join(root, name) }));
}

/** The first folder that the first picture lies in. */
async function folderOf(root: string, folders: readonly string[], { images }: CocoFile): Promise<string> {
  for (const folder of folders) {
    if (images[0] && (await isFile(join(root, folder, images[0].file_name)))) return folder;
  }
  return folders[0]!;
}

function samplesOf(
  { path, images, annotations }: CocoFile,
  folder: string,
  classes: readonly ClassInfo[],
  idOf: ReadonlyMap<number, number>,
): Sample[] {
  const known = new Set<string>();
  const samples = images.map(({ id, file_name: name, width, height }): Sample => {
    const file = relative('', name).split(sep).join('/');
    if (known.has(file)) {
      fail('E_DATA_COCO', { where: path, expected: 'each picture once', got: `"${name}" again, as image ${id}` });
    }
    known.add(file);
    const objects = annotations
      .get(id)!
      .map(({ category_id: category, bbox, segmentation, iscrowd, area, id: own }) => {
        return { class: classes[idOf.get(category)!]!.name, bbox, segmentation, iscrowd, area, id: own };
      });
    const label: PictureLabel = { ...(width && height && { width, height }), objects };
    const image = [folder, file].filter((part) => part !== '').join('/');
    return { id: file, image, label: JSON.stringify(label) };
  });
  return namedSamples(samples);
}

/** Splits are of one dataset, whose classes are those of the first. */
function requireCategories(first: CocoFile, other: CocoFile, where: string): void {
  const textOf = ({ categories }: CocoFile): string => categories.map(({ id, name }) => `${id} ${name}`).join(', ');
  if (textOf(first) === textOf(other)) return;
  fail('E_DATA_COCO', {
    where,
    expected: `the categories of ${first.path}: ${textOf(first).slice(0, 80)}`,
    got: textOf(other).slice(0, 80),
    todo: 'Give one file alone, or list the same categories in all of them.',
  });
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}
