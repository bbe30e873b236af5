import { fail } from '../common/errors.js';
import type { Progress } from '../common/progress.js';
import { cocoSplits } from '../data/instances/coco.js';
import {
  classesOf,
  readCocoFile,
  readCocoJson,
  type CocoFile,
  type CocoId,
  type CocoImage,
} from '../data/instances/coco-file.js';
import { hasMask, maskOf, readObjects, requireBox, shown } from '../data/instances/label.js';
import type { Detections, Instances } from '../detect/instances.js';
import { rleArea, rleBox, type Rle } from '../detect/rle.js';
import { idsByName } from '../data/class-dataset.js';
import type { ApScores } from '../tasks/detection/average-precision.js';
import type { OverlapKind } from '../tasks/detection/coco-match.js';
import { cocoScores, detectionMetric } from '../tasks/detection/metric.js';
import { matchImage } from '../tasks/detection/coco-match.js';

export interface ResultOptions {
  /** File of results: `[{"image_id","category_id","bbox","score","segmentation"}]`. */
  results: string;
  /** Folder of a COCO dataset, or its file of annotations. */
  labels: string;
  /** Which of its splits. Default: the only one, or `val`. */
  split?: string;
  progress?: Progress;
}

export interface ResultScores {
  /** pycocotools' numbers by kind of overlap, -1 where there is nothing to find; masks where both files have them. */
  scores: Partial<Record<OverlapKind, ApScores>>;
  /** Of the ground truth. */
  images: number;
  detections: number;
}

/** One result as its file has it. */
interface Result {
  image_id: CocoId;
  category_id: number;
  score: number;
  bbox?: unknown;
  segmentation?: unknown;
}

/** Results whose boxes or masks are ready to be compared. */
interface ReadResult {
  classId: number;
  score: number;
  box: readonly [number, number, number, number];
  area: number;
  mask?: Rle;
}

/**
 * Scores a file of results that any tool wrote in COCO's format.
 *
 * Where the first result has a `bbox`, ranges of sizes go by boxes, also where masks are compared, else by masks: as pycocotools' `loadRes` does.
 *
 * @throws E_EVAL_RESULTS with the result that is wrong, E_DATA_COCO, E_DATA_MASK, E_DATA_ROOT, E_DATA_SPLIT
 */
export async function scoreResults({ results: path, labels, split, progress }: ResultOptions): Promise<ResultScores> {
  const truth = await readCocoFile(await pathOf(labels, split));
  const results = await readResults(path, truth);
  const { classes, idOf } = classesOf(truth.categories);
  const names = idsByName(classes);
  const nameOf = (category: number): string => classes[idOf.get(category)!]!.name;
  const hasBoxes = results[0]?.result.bbox !== undefined && String(results[0].result.bbox) !== '';
  const truthMasks = [...truth.annotations.values()].some((own) => own.some(hasMask));
  const withMasks = truthMasks && results.every(({ result }) => hasMask(result));
  const kinds: OverlapKind[] = withMasks ? ['bbox', 'segm'] : ['bbox'];
  const metric = detectionMetric(classes.length, kinds);
  const sum = metric.none();
  const byImage = new Map<CocoId, typeof results>(truth.images.map(({ id }) => [id, []]));
  for (const one of results) byImage.get(one.result.image_id)!.push(one);
  for (const [done, image] of truth.images.entries()) {
    const size = sizeOf(image, withMasks, truth.path);
    const objects = truth.annotations.get(image.id)!.map((own) => ({ ...own, class: nameOf(own.category_id) }));
    const target: Instances = readObjects(objects, size, names, withMasks, truth.path);
    const own = byImage.get(image.id)!.map(({ result, where }): ReadResult => {
      const mask = withMasks || !hasBoxes ? maskOf(result, size, where) : undefined;
      const box = hasBoxes ? requireBox(result.bbox, where) : rleBox(mask!);
      const area = hasBoxes ? box[2] * box[3] : rleArea(mask!);
      return { classId: idOf.get(result.category_id)!, score: result.score, box, area, ...(withMasks && { mask }) };
    });
    const found = detectionsOf(own, size);
    metric.merge(sum, Object.fromEntries(kinds.map((kind) => [kind, matchImage(target, found, kind)])));
    progress?.({ task: 'score results', done: done + 1, total: truth.images.length, unit: 'images' });
  }
  return { scores: cocoScores(sum), images: truth.images.length, detections: results.length };
}

async function pathOf(labels: string, split: string | undefined): Promise<string> {
  const found = await cocoSplits(labels);
  const names = found.map((own) => own.split);
  const own =
    split === undefined && found.length === 1 ? found[0] : found.find((one) => one.split === (split ?? 'val'));
  if (own) return own.path;
  return fail('E_DATA_SPLIT', {
    where: labels,
    expected: `one of its splits (${names.join(', ')})`,
    got: split === undefined ? 'none' : `"${split}"`,
    todo: 'Say which by --subset, or give the file of annotations itself.',
  });
}

function sizeOf(
  { id, width = 0, height = 0 }: CocoImage,
  withMasks: boolean,
  path: string,
): { width: number; height: number } {
  if (withMasks && (width === 0 || height === 0)) {
    fail('E_DATA_COCO', {
      where: `${path}: image ${id}`,
      expected: 'a width and a height, as masks are compared',
      got: 'none',
    });
  }
  return { width, height };
}

function detectionsOf(own: readonly ReadResult[], { width, height }: { width: number; height: number }): Detections {
  const masks = own.flatMap(({ mask }) => mask ?? []);
  return {
    width,
    height,
    boxes: Float64Array.from(own.flatMap(({ box }) => box)),
    scores: Float64Array.from(own, ({ score }) => score),
    classes: Int32Array.from(own, ({ classId }) => classId),
    areas: Float64Array.from(own, ({ area }) => area),
    ...(masks.length > 0 && { masks }),
  };
}

/** @throws E_EVAL_RESULTS with the first result that is wrong */
async function readResults(path: string, truth: CocoFile): Promise<{ result: Result; where: string }[]> {
  const expected = 'a list of results [{"image_id","category_id","bbox","score"}]';
  const value = await readCocoJson(path, expected);
  if (!Array.isArray(value)) {
    fail('E_EVAL_RESULTS', {
      where: path,
      expected,
      got:
        value !== null && typeof value === 'object' && 'annotations' in value ? 'a file of annotations' : shown(value),
      todo: 'Give what a network found; --labels names the ground truth.',
    });
  }
  const images = new Set(truth.images.map(({ id }) => id));
  const categories = new Set(truth.categories.map(({ id }) => id));
  return (value as unknown[]).map((entry, i) => {
    const where = `${path}: results[${i}]`;
    const wrong = (what: string, got: unknown, todo?: string): never =>
      fail('E_EVAL_RESULTS', { where, expected: what, got: shown(got), ...(todo !== undefined && { todo }) });
    if (entry === null || typeof entry !== 'object' || Array.isArray(entry)) wrong('an object of a result', entry);
    const result = entry as Partial<Result>;
    const { image_id: image, category_id: category, score, bbox } = result;
    if (!images.has(image!)) {
      wrong(
        `the id of one of the ${images.size} images of ${truth.path} as "image_id"`,
        image,
        'Give the annotations of the very images that were looked at; ids are compared as they are, "7" is not 7.',
      );
    }
    if (!categories.has(category!)) {
      const ids = [...categories].slice(0, 10).join(', ');
      wrong(`the id of one of the ${categories.size} categories (${ids}, ...) as "category_id"`, category, 'Write ids of categories, not places in a list of them.'); // prettier-ignore
    }
    if (typeof score !== 'number' || !Number.isFinite(score)) wrong('a number as "score"', score);
    if (bbox === undefined && !hasMask(result)) wrong('a "bbox" or a "segmentation"', entry);
    if (bbox !== undefined && String(bbox) !== '' && !isBox(bbox)) wrong('a "bbox" [x, y, width, height]', bbox);
    return { result: result as Result, where };
  });
}

function isBox(bbox: unknown): boolean {
  return Array.isArray(bbox) && bbox.length === 4 && bbox.every((side) => Number.isFinite(side));
}
