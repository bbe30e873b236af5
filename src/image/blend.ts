import type { LabelMap, Pixels } from './pixels.js';

export type Color = readonly [red: number, green: number, blue: number];

/**
 * Classes in their colours over a picture.
 *
 * @param colors of each class id; pixels of other ids stay as they are
 * @param opacity 0 (the picture) to 1 (the colours)
 * @throws nothing; both have one size
 */
export function blendClasses(picture: Pixels, classes: LabelMap, colors: readonly Color[], opacity = 0.5): Pixels {
  const share = Math.round(opacity * 256);
  const data = Uint8Array.from(picture.data);
  for (let pixel = 0, at = 0; pixel < classes.data.length; pixel++, at += 3) {
    const color = colors[classes.data[pixel]!];
    if (!color) continue;
    for (let c = 0; c < 3; c++) data[at + c] = (data[at + c]! * (256 - share) + color[c]! * share) >> 8;
  }
  return { ...picture, data };
}
