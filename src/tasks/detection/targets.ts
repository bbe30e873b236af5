import { fail } from '../../common/errors.js';
import type { Detections, Instances } from '../../detect/instances.js';
import type { Rle } from '../../detect/rle.js';
import type { Size } from '../../image/resize.js';
import type { Collated } from '../arrays.js';
import { checkSize } from '../segmentation/check-size.js';
import type { Targets } from '../task.js';
import { placeInstances } from './place.js';

/** In the place of a class where a batch has room for more objects than an image has. */
export const NO_OBJECT = -1;

/** Numbers of objects are padded to multiples of it, and those of runs, so that batches have few shapes. */
const [OBJECTS, RUNS] = [16, 4096];

/** Numbers per object that are kept to the last digit: x, y, width, height, area and id. */
const EXACT = 6;

/**
 * Objects of a batch:
 *
 * - `boxes` float32 `[batch, objects, 4]`: x1, y1, x2, y2 in pixels
 * - `classes` int32 `[batch, objects]`: ids, and {@link NO_OBJECT} behind the last
 * - `crowd` int32 `[batch, objects]`
 * - `runs` int32 `[batch, runs]` and `lengths` int32 `[batch, objects]`: the masks' run lengths one after the other, and how many belong to each; 0
 *   where only boxes are marked
 * - `exact` int32 `[batch, objects, 12]`: the bits of x, y, width, height, area and id in double precision, which scores are computed from
 * - `sizes` int32 `[batch, 3]`: height and width of the image, and whether anything is known of it
 */
export function instanceTargets<Name extends 'detection' | 'instances'>(name: Name): Targets<Instances, Name> {
  return {
    name,
    noun: 'objects',
    labelFiles: false,
    pads: true,
    place: placeInstances,
    collate,
    unknown: ({ width, height }) => ({ ...noInstances({ width, height }), isUnknown: true }),
    isTaught: ({ sizes }) => sizes!.data.some((value, i) => i % 3 === 2 && value === 1),
    ids: ({ classes }) => classes,
    check: (target, image, where, resized) => checkSize(target, image, where, resized),
  };
}

/** A picture without objects. */
export function noInstances({ width, height }: Size): Instances {
  const [empty, none] = [new Float64Array(0), new Int32Array(0)];
  return {
    width,
    height,
    boxes: empty,
    classes: none,
    crowd: new Uint8Array(0),
    areas: empty.slice(),
    ids: empty.slice(),
  };
}

function collate(targets: readonly Instances[]): Collated {
  const roomFor = (counts: number[], step: number): number => Math.max(1, Math.ceil(Math.max(...counts) / step)) * step;
  const batch = targets.length;
  const objects = roomFor(targets.map(({ ids }) => ids.length), OBJECTS); // prettier-ignore
  const runsOf = ({ masks = [] }: Instances): number => masks.reduce((sum, { counts }) => sum + counts.length, 0);
  const most = roomFor(targets.map(runsOf), RUNS);
  const boxes = new Float32Array(batch * objects * 4);
  const classes = new Int32Array(batch * objects).fill(NO_OBJECT);
  const crowd = new Int32Array(batch * objects);
  const lengths = new Int32Array(batch * objects);
  const runs = new Int32Array(batch * most);
  const exact = new Float64Array(batch * objects * EXACT);
  const sizes = new Int32Array(batch * 3);
  targets.forEach((target, b) => {
    const { width, height, ids, areas, masks = [], isUnknown = false } = target;
    const first = b * objects;
    classes.set(target.classes, first);
    crowd.set(target.crowd, first);
    ids.forEach((id, i) => {
      const [x, y, wide, tall] = target.boxes.subarray(4 * i, 4 * i + 4) as unknown as [number, number, number, number];
      boxes.set([x, y, x + wide, y + tall], 4 * (first + i));
      exact.set([x, y, wide, tall, areas[i]!, id], EXACT * (first + i));
    });
    let at = b * most;
    masks.forEach(({ counts }, i) => {
      runs.set(counts, at);
      at += counts.length;
      lengths[first + i] = counts.length;
    });
    sizes.set([height, width, isUnknown ? 0 : 1], 3 * b);
  });
  return {
    boxes: { dtype: 'float32', shape: [batch, objects, 4], data: boxes },
    classes: { dtype: 'int32', shape: [batch, objects], data: classes },
    crowd: { dtype: 'int32', shape: [batch, objects], data: crowd },
    runs: { dtype: 'int32', shape: [batch, most], data: runs },
    lengths: { dtype: 'int32', shape: [batch, objects], data: lengths },
    exact: { dtype: 'int32', shape: [batch, objects, 2 * EXACT], data: new Int32Array(exact.buffer) },
    sizes: { dtype: 'int32', shape: [batch, 3], data: sizes },
  };
}

/** The objects that a batch was stacked of, in memory of their own. */
export function uncollateInstances({ classes, crowd, runs, lengths, exact, sizes }: Collated): Instances[] {
  const [batch, objects] = classes!.shape as [number, number];
  const most = runs!.shape[1]!;
  const numbers = new Float64Array(Int32Array.from(exact!.data).buffer);
  return Array.from({ length: batch }, (_, b) => {
    const [height, width, known] = sizes!.data.subarray(3 * b, 3 * b + 3) as unknown as [number, number, number];
    const first = b * objects;
    const count = classes!.data.subarray(first, first + objects).findIndex((id) => id === NO_OBJECT);
    const rows = Array.from({ length: count < 0 ? objects : count }, (__, i) => first + i);
    const column = (at: number): Float64Array => Float64Array.from(rows, (row) => numbers[EXACT * row + at]!);
    let at = b * most;
    const masks = rows.map((row): Rle => {
      const counts = Uint32Array.from(runs!.data.subarray(at, (at += lengths!.data[row]!)));
      return { width, height, counts };
    });
    return {
      width,
      height,
      boxes: Float64Array.from(rows.flatMap((row) => [...numbers.subarray(EXACT * row, EXACT * row + 4)])),
      classes: Int32Array.from(rows, (row) => classes!.data[row]!),
      crowd: Uint8Array.from(rows, (row) => crowd!.data[row]!),
      areas: column(4),
      ids: column(5),
      ...(masks.every(({ counts }) => counts.length > 0) && masks.length > 0 && { masks }),
      ...(known === 0 && { isUnknown: true }),
    };
  });
}

/** What was found as objects that others are compared with; how sure a network is of them does not matter then. */
export function instancesOf({ width, height, boxes, classes, areas, masks }: Detections): Instances {
  return {
    width,
    height,
    boxes,
    classes,
    crowd: new Uint8Array(classes.length),
    areas: areas ?? Float64Array.from(classes, (_, i) => boxes[4 * i + 2]! * boxes[4 * i + 3]!),
    ids: Float64Array.from(classes, (_, i) => i + 1),
    ...(masks && { masks }),
  };
}

/** @throws E_DATA_TASK where masks are to be compared and only boxes are marked */
export function requireMasks(target: Instances, where: string): void {
  if (target.masks || target.ids.length === 0) return;
  fail('E_DATA_TASK', {
    where,
    expected: 'objects with masks',
    got: 'objects with boxes alone',
    todo: 'Use data whose annotations have a "segmentation", or a network that finds boxes.',
  });
}
