import type { Color } from './blend.js';
import { drawText, textDots } from './caption.js';
import { eachPixel } from './each-pixel.js';
import type { Pixels } from './pixels.js';

/** A box to be drawn. */
export interface DrawnBox {
  /** Corners x0, y0, x1, y1 in pixels. */
  box: readonly [number, number, number, number];
  /** Of a box that is turned: its four corners, one after the other around it. */
  corners?: readonly (readonly [number, number])[];
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
  for (const { box, corners, color, text } of [...boxes].reverse()) {
    const [x, y, right, bottom] = box.map(Math.round) as [number, number, number, number];
    for (const side of corners ? turnedSides(corners, line) : sidesOf([x, y, right, bottom], line))
      eachPixel(picture, side, (at) => picture.data.set(color, at));
    const dots = textDots(text);
    const tall = dots.height * line;
    const left = Math.max(0, Math.min(x, picture.width - dots.width * line));
    drawText(picture, text, { x: left, y: y >= tall ? y - tall : y + line, dot: line });
  }
}

/** A part of a picture in whole pixels. */
type Part = Parameters<typeof eachPixel>[1];

function sidesOf([x, y, right, bottom]: readonly [number, number, number, number], line: number): Part[] {
  const [width, height] = [right - x, bottom - y];
  return [
    { x, y, width, height: line },
    { x, y: bottom - line, width, height: line },
    { x, y, width: line, height },
    { x: right - line, y, width: line, height },
  ];
}

/** Squares along the sides, a pixel or less from each other. */
function turnedSides(corners: readonly (readonly [number, number])[], line: number): Part[] {
  return corners.flatMap(([ax, ay], i) => {
    const [bx, by] = corners[(i + 1) % corners.length]!;
    const steps = Math.max(1, Math.ceil(Math.max(Math.abs(bx - ax), Math.abs(by - ay))));
    return Array.from({ length: steps }, (_, k) => ({
      x: Math.round(ax + ((bx - ax) * k) / steps - line / 2),
      y: Math.round(ay + ((by - ay) * k) / steps - line / 2),
      width: line,
      height: line,
    }));
  });
}
