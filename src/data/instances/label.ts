import { fail } from '../../common/errors.js';
import type { Instances } from '../../detect/instances.js';
import { rleFromPolygons } from '../../detect/polygon.js';
import { rleFromCounts, rleFromText, rleToText } from '../../detect/rle-text.js';
import { rleArea, rleBox, type Rle } from '../../detect/rle.js';
import type { Size } from '../../image/resize.js';

/** One object as files hold it: COCO's annotation, with the name of its class in place of a category's id. */
export interface ObjectLabel {
  class: string;
  /** x, y, width, height in pixels. Default: what is around the mask. */
  bbox?: unknown;
  /** Polygons, or run lengths `{ size: [height, width], counts }` as numbers or as COCO's text. */
  segmentation?: unknown;
  iscrowd?: unknown;
  /** Pixels that it covers. Default: those of the mask, or of the box. */
  area?: unknown;
  /** Default: its place from 1 on. */
  id?: unknown;
}

/** What a picture shows, as one line of text: the label of a sample. */
export interface PictureLabel {
  /** Of the picture; left out where only its file tells. */
  width?: number;
  height?: number;
  objects: ObjectLabel[];
}

/**
 * The objects of a picture.
 *
 * @param idOf class ids by name
 * @param withMasks every object has to have a mask; else masks are not looked at
 * @throws E_DATA_COCO, E_DATA_MASK, E_EVAL_ID with the object that is wrong
 */
export function readObjects(
  objects: readonly ObjectLabel[],
  size: Size,
  idOf: ReadonlyMap<string, number>,
  withMasks: boolean,
  where: string,
): Instances {
  const masks = withMasks ? objects.map((object, i) => maskOf(object, size, placeOf(where, object, i))) : undefined;
  const boxes = objects.map((object, i) => boxOf(object, masks?.[i], placeOf(where, object, i)));
  return {
    ...{ width: size.width, height: size.height },
    boxes: Float64Array.from(boxes.flat()),
    classes: Int32Array.from(objects, (object, i) => {
      return idOf.get(object.class) ?? failClass(object, idOf, placeOf(where, object, i));
    }),
    crowd: Uint8Array.from(objects, ({ iscrowd }) => (iscrowd === 1 || iscrowd === true ? 1 : 0)),
    areas: Float64Array.from(objects, ({ area }, i) => {
      if (isNumber(area)) return area;
      return masks ? rleArea(masks[i]!) : boxes[i]![2] * boxes[i]![3];
    }),
    ids: Float64Array.from(objects, ({ id }, i) => (isNumber(id) ? id : i + 1)),
    ...(masks && { masks }),
  };
}

/** `FILE annotation 12` */
function placeOf(where: string, { id }: ObjectLabel, index: number): string {
  return `${where} ${isNumber(id) ? `annotation ${id}` : `object ${index + 1}`}`;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function failClass({ class: name }: ObjectLabel, idOf: ReadonlyMap<string, number>, where: string): never {
  const expected = `the name of a class (${[...idOf.keys()].slice(0, 5).join(', ')}, ...)`;
  fail('E_DATA_LABEL', { where, expected, got: `"${name}"` });
}

/** A value of a file as messages show it. */
export function shown(value: unknown): string {
  return value === undefined ? 'none' : JSON.stringify(value).slice(0, 80);
}

/** @throws E_DATA_COCO for what is no box */
export function requireBox(bbox: unknown, where: string): [x: number, y: number, width: number, height: number] {
  if (Array.isArray(bbox) && bbox.length === 4 && bbox.every(isNumber)) return bbox as [number, number, number, number];
  return fail('E_DATA_COCO', {
    where,
    expected: 'a "bbox" [x, y, width, height]',
    got: shown(bbox),
  });
}

function boxOf({ bbox }: ObjectLabel, mask: Rle | undefined, where: string): [number, number, number, number] {
  return bbox === undefined && mask ? rleBox(mask) : requireBox(bbox, where);
}

/** Whether an annotation says which pixels belong to it. */
export function hasMask({ segmentation }: { segmentation?: unknown }): boolean {
  if (Array.isArray(segmentation)) return segmentation.length > 0;
  return typeof segmentation === 'object' && segmentation !== null;
}

/** @throws E_DATA_MASK for an annotation without a mask, or one that is written wrongly */
export function maskOf({ segmentation }: { segmentation?: unknown }, size: Size, where: string): Rle {
  if (Array.isArray(segmentation) && segmentation.length > 0) {
    const isList = segmentation.every(
      (part) => Array.isArray(part) && part.every((value) => typeof value === 'number'),
    );
    if (isList) return rleFromPolygons(segmentation as number[][], size, where);
  }
  if (typeof segmentation === 'object' && segmentation !== null && !Array.isArray(segmentation)) {
    const { size: own, counts } = segmentation as { size?: unknown; counts?: unknown };
    if (!Array.isArray(own) || own[0] !== size.height || own[1] !== size.width) {
      fail('E_DATA_MASK', {
        where,
        expected: `a mask of its picture's size, [${size.height}, ${size.width}]`,
        got: shown(own),
        todo: 'Write height first, then width, and the mask of the whole picture.',
      });
    }
    if (typeof counts === 'string') return rleFromText(counts, size, where);
    if (Array.isArray(counts)) return rleFromCounts(counts as number[], size, where);
  }
  return fail('E_DATA_MASK', {
    where,
    expected: 'a "segmentation": polygons [[x, y, x, y, x, y, ...], ...] or run lengths {"size", "counts"}',
    got: shown(segmentation),
    todo: 'Where masks of some objects are missing, leave them out of all: boxes are learned then.',
  });
}

/** The text of a picture's objects, without spaces outside of names. */
export function writeLabel(given: Instances, classes: readonly { name: string }[]): string {
  const { width, height, boxes, classes: ids, crowd, areas, masks } = given;
  const objects = Array.from(ids, (id, i): ObjectLabel => {
    return {
      class: classes[id]!.name,
      bbox: [...boxes.subarray(4 * i, 4 * i + 4)],
      ...(masks && { segmentation: { size: [height, width], counts: rleToText(masks[i]!) } }),
      ...(crowd[i] === 1 && { iscrowd: 1 }),
      area: areas[i]!,
      id: given.ids[i]!,
    };
  });
  return JSON.stringify({ width, height, objects } satisfies PictureLabel);
}

/**
 * Reads the text of a picture's objects.
 *
 * @throws E_DATA_COCO for text that is none
 */
export function parseLabel(text: string, where: string): PictureLabel {
  const expected = '{"width","height","objects":[{"class","bbox","segmentation"}]} as the label';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return fail('E_DATA_COCO', { where, expected, got: `text that is not JSON: ${text.slice(0, 40)}`, cause });
  }
  const { objects, width, height } = (value ?? {}) as Partial<PictureLabel>;
  const isRight =
    Array.isArray(objects) &&
    objects.every((object) => typeof (object as Partial<ObjectLabel> | null)?.class === 'string');
  if (isRight) return { objects, ...(isNumber(width) && isNumber(height) && { width, height }) };
  return fail('E_DATA_COCO', { where, expected, got: text.slice(0, 40) });
}
