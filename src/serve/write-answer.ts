import { relative } from 'node:path';
import { writeFileAtomic, writeJsonAtomic } from '../common/files.js';
import { rleFromText } from '../detect/rle-text.js';
import { decodeMask } from '../detect/rle.js';
import { blendClasses, type Color } from '../image/blend.js';
import { drawBoxes } from '../image/draw-boxes.js';
import { encodePng } from '../image/encode.js';
import { encodeLabelMap } from '../image/labels.js';
import type { LabelMap, Pixels } from '../image/pixels.js';
import { cocoResults, imageIdOf } from '../tasks/detection/results.js';
import { boxesFile } from './boxes-file.js';
import type { Inference } from './inference.js';

/** Where an answer lies, relative to the working folder. */
export interface WrittenAnswer {
  /** A PNG with a class id per pixel. */
  mask?: string;
  /** The picture with its boxes in it. */
  overlay?: string;
}

/**
 * Writes what a network says of a picture: its mask as `path`, or boxes as JSON beside it, and as `path` the picture with them in it. Objects are
 * written in COCO's format of results.
 *
 * @param path of a PNG
 * @param about what it is drawn with: the picture, upright, and the colour of each class
 */
export async function writeAnswer(
  path: string,
  { mask, boxes, objects, width, height, level }: Inference,
  about: { picture(): Promise<Pixels> | Pixels; colors(): readonly Color[] },
): Promise<WrittenAnswer> {
  if (!boxes) {
    await writeFileAtomic(path, encodeLabelMap({ data: mask, width, height }), { durable: false });
    return { mask: relative('.', path) };
  }
  const results = objects && cocoResults(objects, imageIdOf(path));
  await writeJsonAtomic(boxesFile(path), results ?? { width, height, level, boxes });
  await writeFileAtomic(path, await encodePng(withBoxes(await about.picture(), boxes, about.colors())), {
    durable: false,
  });
  return { overlay: relative('.', path) };
}

/** A copy of a picture with boxes, and masks where there are some, in their classes' colours, named. */
export function withBoxes(picture: Pixels, boxes: NonNullable<Inference['boxes']>, colors: readonly Color[]): Pixels {
  const copy = blendClasses(picture, classesOf(picture, boxes), colors.slice(0, NOTHING));
  const drawn = boxes.map(({ box, corners, class: id, label, score }) => ({
    ...{ box, corners, color: colors[id]!, text: `${label} ${score.toFixed(2)}` },
  }));
  drawBoxes(copy, drawn);
  return copy;
}

/** The id of a pixel that no mask holds; masks of class 255 are not drawn. */
const NOTHING = 255;

/** Classes of the masks' pixels; the surest lie on top. */
function classesOf({ width, height }: Pixels, boxes: NonNullable<Inference['boxes']>): LabelMap {
  const data = new Uint8Array(width * height).fill(NOTHING);
  for (const { class: id, segmentation } of [...boxes].reverse()) {
    if (!segmentation || id >= NOTHING) continue;
    const [tall, wide] = segmentation.size;
    decodeMask(rleFromText(segmentation.counts, { width: wide, height: tall }, 'mask')).forEach((inside, pixel) => {
      if (inside) data[pixel] = id;
    });
  }
  return { data, width, height };
}
