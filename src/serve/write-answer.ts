import { relative } from 'node:path';
import { writeFileAtomic, writeJsonAtomic } from '../common/files.js';
import type { Color } from '../image/blend.js';
import { drawBoxes } from '../image/draw-boxes.js';
import { encodePng } from '../image/encode.js';
import { encodeLabelMap } from '../image/labels.js';
import type { Pixels } from '../image/pixels.js';
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
 * Writes what a network says of a picture: its mask as `path`, or boxes as JSON beside it, and as `path` the picture with them in it.
 *
 * @param path of a PNG
 * @param about what it is drawn with: the picture, upright, and the colour of each class
 */
export async function writeAnswer(
  path: string,
  { mask, boxes, width, height, level }: Inference,
  about: { picture(): Promise<Pixels> | Pixels; colors(): readonly Color[] },
): Promise<WrittenAnswer> {
  if (!boxes) {
    await writeFileAtomic(path, encodeLabelMap({ data: mask, width, height }), { durable: false });
    return { mask: relative('.', path) };
  }
  await writeJsonAtomic(boxesFile(path), { width, height, level, boxes });
  await writeFileAtomic(path, await encodePng(withBoxes(await about.picture(), boxes, about.colors())), {
    durable: false,
  });
  return { overlay: relative('.', path) };
}

/** A copy of a picture with boxes in their classes' colours, named. */
export function withBoxes(picture: Pixels, boxes: NonNullable<Inference['boxes']>, colors: readonly Color[]): Pixels {
  const copy = { ...picture, data: Uint8Array.from(picture.data) };
  const drawn = boxes.map(({ box, class: id, label, score }) => ({
    ...{ box, color: colors[id]!, text: `${label} ${score.toFixed(2)}` },
  }));
  drawBoxes(copy, drawn);
  return copy;
}
