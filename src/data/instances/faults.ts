import { GearnnError, type ErrorParts } from '../../common/errors.js';
import type { Instances } from '../../detect/instances.js';
import { polygonArea } from '../../detect/polygon.js';
import { rleArea, rleBox } from '../../detect/rle.js';
import { cocoBoxIou } from '../../detect/boxes.js';
import type { ObjectLabel } from './label.js';

/** Pixels by which a box may reach beyond its picture: tools round. */
const BEYOND = 1;

/** Overlap of a box and what is around its mask below which the two are not of one object. */
const APART = 0.5;

/** Overlap from which two objects of a class are one that is marked twice. */
const TWICE = 0.99;

/**
 * What is wrong with the objects of a picture though they can be read: boxes without a side, boxes outside, masks without a pixel, outlines
 * without an area, masks that lie elsewhere than their boxes, and objects that are marked twice.
 *
 * @param labels the same objects as their file has them
 * @returns E_DATA_BOX and E_DATA_MASK
 */
export function objectFaults(given: Instances, labels: readonly ObjectLabel[], where: string): GearnnError[] {
  const faults: GearnnError[] = [];
  const add = (code: 'E_DATA_BOX' | 'E_DATA_MASK', i: number, parts: Omit<ErrorParts, 'where'>): void => {
    faults.push(new GearnnError(code, { where: `${where} annotation ${given.ids[i]}`, ...parts }));
  };
  given.ids.forEach((_, i) => {
    const box = [...given.boxes.subarray(4 * i, 4 * i + 4)] as [number, number, number, number];
    const [x, y, width, height] = box;
    const isOutside = Math.max(-x, -y, x + width - given.width, y + height - given.height) > BEYOND;
    const got = `[${box}]`;
    if (!(width > 0 && height > 0)) {
      const todo = 'Remove the annotation: nothing can be learned from it, and it counts as an object that was missed.';
      add('E_DATA_BOX', i, { expected: 'a box with a width and a height', got, todo });
    } else if (isOutside) {
      const expected = `a box within its picture of ${given.width}x${given.height}`;
      add('E_DATA_BOX', i, { expected, got, todo: 'Boxes are x, y, width, height in pixels, not corners or shares.' });
    }
    const outlines = labels[i]?.segmentation;
    const isFlat = Array.isArray(outlines) && outlines.some((corners) => polygonArea(corners as number[]) === 0);
    const mask = given.masks?.[i];
    if (!mask) return;
    if (isFlat) add('E_DATA_MASK', i, { expected: 'outlines with an area', got: 'one whose corners lie on a line' });
    if (rleArea(mask) === 0) add('E_DATA_MASK', i, { expected: 'a mask that holds a pixel', got: 'an empty one' });
    else if (!given.crowd[i] && !isOutside && width > 0 && height > 0) {
      const around = rleBox(mask);
      const [overlap] = cocoBoxIou(Float64Array.from(box), Float64Array.from(around), [0]);
      if (overlap! < APART) add('E_DATA_BOX', i, { expected: `a box around its mask, [${around}]`, got });
    }
  });
  for (const [i, j] of twins(given)) {
    const got = `one that is annotation ${given.ids[i]} again`;
    add('E_DATA_BOX', j, { expected: 'each object once', got, todo: 'Remove one of the two annotations.' });
  }
  return faults;
}

/** Pairs of objects that are of one class and in one place. */
function twins({ boxes, classes, crowd }: Instances): [number, number][] {
  const overlaps = cocoBoxIou(boxes, boxes, new Uint8Array(classes.length));
  const found: [number, number][] = [];
  for (let i = 0; i < classes.length; i++) {
    for (let j = i + 1; j < classes.length; j++) {
      const isSame = classes[i] === classes[j] && crowd[i] === crowd[j];
      if (isSame && overlaps[i * classes.length + j]! >= TWICE) found.push([i, j]);
    }
  }
  return found;
}
