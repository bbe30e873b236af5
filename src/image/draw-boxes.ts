import type { Color } from './blend.js';
import { drawText, textDots } from './caption.js';
import { eachPixel } from './each-pixel.js';
import type { Pixels } from './pixels.js';

/** A box to be drawn. */
export interface DrawnBox {
  /** Corners x0, y0, x1, y1 in pixels. */
  box: readonly [number, number, number, number];
  color: Color;
  /** What it is; small letters, digits and some signs. */
  text: string;
}

/** Rows of a picture to one of a line's width. */
const ROWS = 240;

/** Draws boxes into a picture of three channels, with what they are above each, or inside where there is no room. The picture is changed. */
export function drawBoxes(picture: Pixels, boxes: readonly DrawnBox[]): void {
  const line = Math.max(1, Math.round(picture.height / ROWS));
  // The surest come first and lie on top.
  for (const { box, color, text } of [...boxes].reverse()) {
    const [x, y, right, bottom] = box.map(Math.round) as [number, number, number, number];
    const [width, height] = [right - x, bottom - y];
    for (const side of [
      { x, y, width, height: line },
      { x, y: bottom - line, width, height: line },
      { x, y, width: line, height },
      { x: right - line, y, width: line, height },
    ])
      eachPixel(picture, side, (at) => picture.data.set(color, at));
    const dots = textDots(text);
    const tall = dots.height * line;
    const left = Math.max(0, Math.min(x, picture.width - dots.width * line));
    drawText(picture, text, { x: left, y: y >= tall ? y - tall : y + line, dot: line });
  }
}
