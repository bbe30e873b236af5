import { stat } from 'node:fs/promises';
import { fail, GearnnError } from '../../common/errors.js';
import { readText } from '../../common/text-file.js';
import { colorClasses } from '../class-colors.js';
import type { ClassInfo } from '../dataset.js';
import type { Report } from '../report.js';
import { BACKGROUND_NAME } from './dataset.js';
import { shown, type ObjectLabel } from './label.js';

/** COCO's ids; tools write both. */
export type CocoId = number | string;

export interface CocoImage {
  id: CocoId;
  file_name: string;
  width?: number;
  height?: number;
}

export interface CocoCategory {
  id: number;
  name: string;
}

/** An annotation as its file has it; fields that are not named here are looked at where they are used. */
export interface CocoAnnotation extends Omit<ObjectLabel, 'class'> {
  image_id: CocoId;
  category_id: number;
}

/** What a COCO file holds, in the order of ids as pycocotools goes through it. */
export interface CocoFile {
  path: string;
  images: CocoImage[];
  categories: CocoCategory[];
  /** Of each image, those of known categories. */
  annotations: Map<CocoId, CocoAnnotation[]>;
}

/** Class ids are bytes where masks are drawn. */
const MOST_CLASSES = 256;

/**
 * Reads a COCO file. What leaves the rest usable is reported: ids that come twice, annotations of images or categories that are not there.
 *
 * @param report Default: these are passed over, as pycocotools does
 * @throws E_DATA_COCO for a file that is missing or not of COCO's format
 * @source https://cocodataset.org/#format-data
 */
export async function readCocoFile(path: string, report: Report = () => {}): Promise<CocoFile> {
  const value = await readCocoJson(path, 'a COCO file {"images":[...],"annotations":[...],"categories":[...]}');
  const lists = ['images', 'annotations', 'categories'] as const;
  const [images, annotations, categories] = lists.map((name) => {
    const list = (value as Record<string, unknown> | null)?.[name];
    if (Array.isArray(list)) return list as unknown[];
    return fail('E_DATA_COCO', {
      where: path,
      expected: `a COCO file with a list of ${name}`,
      got: Array.isArray(value) ? 'a list, as a file of results is' : `"${name}": ${shown(list)}`,
      todo: 'Give the file of the ground truth, as instances_val2017.json is.',
    });
  }) as [unknown[], unknown[], unknown[]];
  images.forEach((image, i) => requireImage(image, `${path}: images[${i}]`));
  categories.forEach((category, i) => requireCategory(category, `${path}: categories[${i}]`));
  const sorted = <Entry extends { id: CocoId }>(entries: unknown[], noun: string): Entry[] => {
    const known = new Map<CocoId, Entry>();
    for (const entry of entries as Entry[]) {
      if (known.has(entry.id)) report(twice(path, noun, entry.id));
      known.set(entry.id, entry);
    }
    return [...known.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  };
  const file = {
    path,
    images: sorted<CocoImage>(images, 'image'),
    categories: sorted<CocoCategory>(categories, 'category'),
    annotations: new Map<CocoId, CocoAnnotation[]>(),
  };
  for (const { id } of file.images) file.annotations.set(id, []);
  const ids = new Set(file.categories.map(({ id }) => id));
  const known = new Set<unknown>();
  annotations.forEach((entry, i) => {
    const where = `${path}: annotations[${i}]`;
    const annotation = requireAnnotation(entry, where);
    const { id, image_id: image, category_id: category } = annotation;
    if (known.has(id)) report(twice(path, 'annotation', id as CocoId));
    known.add(id);
    const own = file.annotations.get(image);
    if (!own) report(orphan(where, `an "image_id" of one of its ${file.images.length} images`, image));
    else if (!ids.has(category))
      report(orphan(where, `a "category_id" of one of its ${ids.size} categories`, category));
    else own.push(annotation);
    if (id === 0) report(zeroId(where));
  });
  return file;
}

/**
 * Reads a file of COCO's as JSON.
 *
 * @throws E_DATA_COCO where it is missing, or no JSON
 */
export async function readCocoJson(path: string, expected: string): Promise<unknown> {
  let text: string;
  try {
    if ((await stat(path)).isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
    text = await readText(path);
  } catch (cause) {
    if (cause instanceof GearnnError) return fail('E_DATA_COCO', { ...cause.parts, expected, cause });
    const { code = '' } = cause as NodeJS.ErrnoException;
    if (!['ENOENT', 'ENOTDIR', 'EISDIR'].includes(code)) throw cause;
    return fail('E_DATA_COCO', { where: path, expected, got: code === 'EISDIR' ? 'a folder' : 'no such file', cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    const got = `text that is not JSON (${(cause as Error).message})`;
    return fail('E_DATA_COCO', {
      where: path,
      expected,
      got,
      todo: 'Python writes NaN and Infinity, which JSON has not.',
      cause,
    });
  }
}

/**
 * Class of each category, and the classes: 0 is the background. Ids from 1 to 255 are the classes' own, with classes that nothing is of in the
 * gaps, as torchvision counts; other ids are numbered from 1 on in their order.
 */
export function classesOf(categories: readonly CocoCategory[]): { classes: ClassInfo[]; idOf: Map<number, number> } {
  const isOwn = categories.every(({ id }) => id >= 1 && id < MOST_CLASSES);
  const idOf = new Map(categories.map(({ id }, i) => [id, isOwn ? id : i + 1]));
  const names = Array.from({ length: Math.max(0, ...idOf.values()) + 1 }, (_, id) => `unused ${id}`);
  names[0] = BACKGROUND_NAME;
  for (const { id, name } of categories) names[idOf.get(id)!] = name;
  // Of two categories with one name the class says which is which.
  const times = new Map<string, number>();
  for (const name of names) times.set(name, (times.get(name) ?? 0) + 1);
  const known = new Set(idOf.values());
  const colored = colorClasses(names.map((name, id) => (times.get(name)! > 1 ? `${name} (${id})` : name)));
  const classes = colored.map((own, id): ClassInfo => (known.has(id) ? own : { ...own, unused: true }));
  return { classes, idOf };
}

function isId(value: unknown): value is CocoId {
  return typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value));
}

function requireImage(value: unknown, where: string): void {
  const { id, file_name: name, width, height } = (value ?? {}) as Partial<CocoImage>;
  const isSize = (side: unknown): boolean => side === undefined || (Number.isInteger(side) && (side as number) > 0);
  if (isId(id) && typeof name === 'string' && name !== '' && isSize(width) && isSize(height)) return;
  failEntry(where, 'an image {"id","file_name","width","height"}', value);
}

function requireCategory(value: unknown, where: string): void {
  const { id, name } = (value ?? {}) as Partial<CocoCategory>;
  if (Number.isInteger(id) && typeof name === 'string' && name !== '') return;
  failEntry(where, 'a category {"id","name"} with a whole number as the id', value);
}

function requireAnnotation(value: unknown, where: string): CocoAnnotation {
  const { image_id: image, category_id: category } = (value ?? {}) as Partial<CocoAnnotation>;
  if (isId(image) && Number.isInteger(category)) return value as CocoAnnotation;
  return failEntry(where, 'an annotation {"id","image_id","category_id","bbox","segmentation"}', value);
}

function failEntry(where: string, expected: string, value: unknown): never {
  fail('E_DATA_COCO', { where, expected, got: shown(value) });
}

function twice(path: string, noun: string, id: CocoId): GearnnError {
  return new GearnnError('E_DATA_COCO', {
    where: path,
    expected: `each ${noun} with an id of its own`,
    got: `the id ${id} again`,
    todo: 'Number them anew: pycocotools takes the last of those with one id in place of all of them.',
  });
}

function orphan(where: string, expected: string, got: CocoId): GearnnError {
  const todo = 'Remove the annotation, or add what it belongs to; it is passed over.';
  return new GearnnError('E_DATA_COCO', { where, expected, got: String(got), todo });
}

function zeroId(where: string): GearnnError {
  return new GearnnError('E_DATA_COCO', {
    where,
    expected: 'an id from 1 on',
    got: '0',
    todo: 'Number annotations from 1: pycocotools counts what finds the object with id 0 as a false alarm.',
  });
}
