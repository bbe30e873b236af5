import tf from '../common/tf.cjs';

/** Sampling points per bin and axis, as torchvision's detectors set it. */
const SAMPLING = 2;

/** Which regions are pooled, `n` of them; no gradient flows into any of it. */
export interface Regions {
  /** x1, y1, x2, y2 in pixels of the images, `[n, 4]`. */
  boxes: tf.Tensor2D;
  /** Which image of the batch each lies in, `[n]` int32. */
  images: tf.Tensor1D;
  /** Which level of the pyramid each is pooled from, `[n]` int32; see {@link pyramidLevels}. */
  levels: tf.Tensor1D;
}

export interface RoiAlignOptions {
  /** Side of what a region becomes. */
  size: number;
  /** Of each level: pixels of the features per pixel of the image. */
  scales: readonly number[];
}

/**
 * Features of regions, each from its level of a pyramid, sampled bilinearly at 2 x 2 points per bin and averaged.
 *
 * All levels lie side by side in one picture with mirrored borders, so that one native op samples regions of every level: a count of regions
 * per level would not be fixed, as a compiled graph asks.
 *
 * @param pyramid `[batch, height, width, channels]` each, the largest first
 * @returns `[n, size, size, channels]`; differentiable in the pyramid
 * @source torchvision, ops/roi_align: sampling_ratio 2, aligned false, where a region is at least one pixel of its level wide and high
 */
export function roiAlign(
  pyramid: readonly tf.Tensor4D[],
  regions: Regions,
  { size, scales }: RoiAlignOptions,
): tf.Tensor4D {
  return tf.tidy(() => {
    const { picture, origins } = sideBySide(pyramid);
    const [, height, width] = picture.shape;
    const ofLevel = (values: number[]): tf.Tensor1D => tf.gather(tf.tensor1d(values), regions.levels);
    const scale = ofLevel([...scales]);
    const corners = tf.unstack(regions.boxes, 1) as tf.Tensor1D[];
    const sides = [1, 0].map((axis) => {
      const [start, end] = [axis, axis + 2].map((i) => tf.mul(corners[i]!, scale)) as [tf.Tensor1D, tf.Tensor1D];
      const length = tf.maximum(tf.sub(end, start), 1);
      const half = tf.div(length, 2 * SAMPLING * size);
      const [first, last] = [tf.add(start, half), tf.sub(tf.add(start, length), half)] as [tf.Tensor1D, tf.Tensor1D];
      const origin = ofLevel(origins.map((corner) => corner[axis]!));
      const pixels = (axis === 1 ? height : width) - 1;
      const ends = ofLevel(pyramid.map((level) => level.shape[axis === 1 ? 1 : 2]));
      return {
        crop: [first, last].map((point) => tf.div(tf.add(point, origin), pixels)),
        inside: insideOf(first, last, ends, SAMPLING * size),
      };
    });
    const [rows, columns] = sides as [(typeof sides)[0], (typeof sides)[0]];
    const boxes = tf.stack([rows.crop[0]!, columns.crop[0]!, rows.crop[1]!, columns.crop[1]!], 1) as tf.Tensor2D;
    const points: [number, number] = [SAMPLING * size, SAMPLING * size];
    const sampled = tf.image.cropAndResize(picture, boxes, regions.images, points, 'bilinear'); // [n, 2 size, 2 size, channels]
    const inside = tf.mul(tf.expandDims(rows.inside, 2), tf.expandDims(columns.inside, 1)); // [n, 2 size, 2 size]
    return tf.avgPool(tf.mul(sampled, tf.expandDims(inside, 3)) as tf.Tensor4D, SAMPLING, SAMPLING, 'valid');
  });
}

/**
 * The level that each region is pooled from: one of 224 x 224 pixels from the third of a pyramid whose first level has a scale of 1/4, one of
 * half or twice the side from the next finer or coarser.
 *
 * @param boxes `[n, 4]`
 * @param levels how many there are
 * @returns `[n]` int32, 0 is the finest
 * @source Eq. 1 of Lin et al., "Feature Pyramid Networks for Object Detection", CVPR 2017; torchvision, ops/poolers.py: LevelMapper
 */
export function pyramidLevels(boxes: tf.Tensor2D, levels: number): tf.Tensor1D {
  return tf.tidy(() => {
    const [x1, y1, x2, y2] = tf.split(boxes, 4, 1) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
    const side = tf.sqrt(tf.mul(tf.sub(x2, x1), tf.sub(y2, y1))); // [n, 1]
    // torchvision adds 1e-6 to the logarithm.
    const least = Array.from({ length: levels - 1 }, (_, i) => 112 * 2 ** (i - 1e-6));
    if (least.length === 0) return tf.zeros([boxes.shape[0]], 'int32');
    return tf.sum(tf.cast(tf.greaterEqual(side, tf.tensor2d(least, [1, least.length])), 'int32'), 1);
  });
}

/**
 * The first level, and to its right all others below each other, each with its outermost pixels once more around it: a sampling point up to
 * one pixel outside of a level has the value at its border.
 *
 * @returns the picture, and where the first pixel of each level lies in it: `[x, y]`
 */
function sideBySide(pyramid: readonly tf.Tensor4D[]): { picture: tf.Tensor4D; origins: [number, number][] } {
  const [first, ...others] = pyramid.map((level) => tf.mirrorPad(level, [[0, 0], [1, 1], [1, 1], [0, 0]], 'symmetric')) as [tf.Tensor4D, ...tf.Tensor4D[]]; // prettier-ignore
  if (others.length === 0) return { picture: first, origins: [[1, 1]] };
  const width = Math.max(...others.map(({ shape }) => shape[2]));
  const column = tf.concat(others.map((level) => padTo(level, level.shape[1], width)), 1); // prettier-ignore
  const height = Math.max(first.shape[1], column.shape[1]);
  const picture = tf.concat([padTo(first, height, first.shape[2]), padTo(column, height, width)], 2);
  let y = 1;
  const below = others.map(({ shape }): [number, number] => {
    const origin: [number, number] = [first.shape[2] + 1, y];
    y += shape[1];
    return origin;
  });
  return { picture, origins: [[1, 1], ...below] };
}

function padTo(x: tf.Tensor4D, height: number, width: number): tf.Tensor4D {
  const [, rows, columns] = x.shape;
  if (rows === height && columns === width) return x;
  return tf.pad(x, [[0, 0], [0, height - rows], [0, width - columns], [0, 0]]); // prettier-ignore
}

/** Of `count` points from `first` to `last`, each `[n]`: 1 where one lies within a pixel of a level of so many pixels, else 0; `[n, count]`. */
function insideOf(first: tf.Tensor1D, last: tf.Tensor1D, pixels: tf.Tensor1D, count: number): tf.Tensor2D {
  const shares = tf.tensor2d(Array.from({ length: count }, (_, i) => i / (count - 1)), [1, count]); // prettier-ignore
  const points = tf.add(tf.expandDims(first, 1), tf.mul(tf.expandDims(tf.sub(last, first), 1), shares));
  const isInside = tf.logicalAnd(tf.greaterEqual(points, -1), tf.lessEqual(points, tf.expandDims(pixels, 1)));
  return tf.cast(isInside, 'float32') as tf.Tensor2D;
}
