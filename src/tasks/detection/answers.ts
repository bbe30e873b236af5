import tf from '../../common/tf.cjs';
import { toCocoBoxes } from '../../detect/boxes.js';
import type { Detections } from '../../detect/instances.js';
import { pasteMask } from '../../detect/paste.js';
import { encodeMask, type Rle } from '../../detect/rle.js';
import { scaleBoxes } from '../../detect/transform.js';
import type { Size } from '../../image/resize.js';
import type { Collated } from '../arrays.js';

/** How likely a pixel has to belong to an object, once its mask lies in the picture. */
const THRESHOLD = 0.5;

/** Outputs that answers are read from, in the words of torchvision's detectors. */
const OUTPUTS = ['boxes', 'labels', 'scores', 'masks'];

/**
 * What a detector puts out for a batch, each image with room for `n` objects:
 *
 * - `boxes` `[batch, n, 4]`: x1, y1, x2, y2 in pixels of the images
 * - `labels` `[batch, n]`: ids of classes; below 0 where there is no object
 * - `scores` `[batch, n]`: 0..1
 * - `masks` `[batch, n, side, side]`: of each box, 0..1; absent where only boxes are found
 */
export function answerOf(outputs: tf.NamedTensorMap): tf.NamedTensorMap {
  const known = OUTPUTS.filter((name) => outputs[name]);
  return Object.fromEntries(known.map((name) => [name, tf.clone(outputs[name]!)]));
}

/** What was found in each image; masks are pasted, then cut off at {@link THRESHOLD}. */
export function decodeDetections(
  { boxes, labels, scores, masks }: Collated,
  { width, height }: Size,
  seen: Size = { width, height },
): Detections[] {
  const [batch, room] = labels!.shape as [number, number];
  const side = masks?.shape[2] ?? 0;
  return Array.from({ length: batch }, (_, b) => {
    const rows = Array.from({ length: room }, (__, i) => b * room + i).filter((row) => labels!.data[row]! >= 0);
    const found = Float32Array.from(rows.flatMap((row) => [...boxes!.data.subarray(4 * row, 4 * row + 4)]));
    const corners = scaleBoxes(found, seen, { width, height });
    const size = side * side;
    return {
      width,
      height,
      boxes: toCocoBoxes(corners),
      scores: Float64Array.from(rows, (row) => scores!.data[row]!),
      classes: Int32Array.from(rows, (row) => labels!.data[row]!),
      ...(masks && {
        masks: rows.map((row, i) => {
          const mask = masks.data.subarray(row * size, (row + 1) * size) as Float32Array;
          return pasted(mask, side, corners.subarray(4 * i, 4 * i + 4), { width, height });
        }),
      }),
    };
  });
}

function pasted(mask: Float32Array, side: number, box: Float32Array, size: Size): Rle {
  const { x, y, width, height, values } = pasteMask(mask, side, box, size);
  const whole = new Uint8Array(size.width * size.height);
  for (let row = 0; row < height; row++) {
    const to = (y + row) * size.width + x;
    for (let column = 0; column < width; column++)
      whole[to + column] = Number(values[row * width + column]! > THRESHOLD);
  }
  return encodeMask(whole, size);
}

/**
 * Detections as arrays that servers hand out: as {@link answerOf} describes them, but for `masks`, which are run lengths of the whole picture
 * `[1, n, runs]`, with zeros behind the last of each.
 */
export function packDetections({ boxes, scores, classes, masks }: Detections): Collated {
  const count = classes.length;
  const corners = Float32Array.from(boxes, (value, i) => (i % 4 < 2 ? value : value + boxes[i - 2]!));
  const most = Math.max(1, ...(masks ?? []).map(({ counts }) => counts.length));
  const runs = masks && new Int32Array(count * most);
  masks?.forEach((mask, i) => runs!.set(mask.counts, i * most));
  return {
    boxes: { dtype: 'float32', shape: [1, count, 4], data: corners },
    labels: { dtype: 'int32', shape: [1, count], data: Int32Array.from(classes) },
    scores: { dtype: 'float32', shape: [1, count], data: Float32Array.from(scores) },
    ...(runs && { masks: { dtype: 'int32' as const, shape: [1, count, most], data: runs } }),
  };
}
