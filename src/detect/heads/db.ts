import { cornersOf, leastRectangle, type Point } from '../hull.js';
import { regionsOf } from '../regions.js';
import type { Head } from './head.js';

/** Probability above which a pixel belongs to a text. */
const PIXEL = 0.3;
/** How much larger a text is than what the network marks of it: the distance is area times this by perimeter. */
const UNCLIP = 1.6;
/** Least side of what is marked in pixels, and of the text. */
const [LEAST_MARKED, LEAST_SIDE] = [3, 5];

/**
 * Detectors of text by differentiable binarization (DBNet, PP-OCR): a probability for each pixel, of the inner part of each text. A text is the
 * rectangle, turned if need be, around pixels that hang together, wider on all sides; its score is the mean probability within.
 *
 * @source Liao et al., Real-time scene text detection with differentiable binarization (AAAI 2020); PaddleOCR's and rapidocr's `DBPostProcess`,
 * whose thresholds, dilation by a pixel to the right and below, and widening these are
 */
export const db: Head = {
  shape: '[1, 1, height, width]',
  classes: ['text'],
  score: 0.5,
  // Texts do not overlap by how they are read.
  overlap: 1,
  needsSize: false,
  classesIn: ([batch, channels, height, width, ...rest]) =>
    batch === 1 && channels === 1 && height! > 0 && width! > 0 && rest.length === 0 ? 1 : undefined,
  read({ shape, data }, least) {
    const [, , height, width] = shape as [number, number, number, number];
    const found = { boxes: [] as number[], scores: [] as number[], corners: [] as number[] };
    for (const { ends } of regionsOf(marked(data, width, height), width, height)) {
      const inner = leastRectangle(ends);
      if (Math.min(inner.width, inner.height) < LEAST_MARKED) continue;
      const score = meanWithin(cornersOf(inner), data, width, height);
      if (!(score >= least)) continue;
      const wider = (inner.width * inner.height * UNCLIP) / (inner.width + inner.height);
      const text = { ...inner, width: inner.width + wider, height: inner.height + wider };
      if (Math.min(text.width, text.height) < LEAST_SIDE) continue;
      const corners = cornersOf(text);
      const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
      found.boxes.push(Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys));
      found.corners.push(...corners.flat());
      found.scores.push(score);
    }
    return {
      boxes: Float32Array.from(found.boxes),
      scores: Float32Array.from(found.scores),
      classes: new Uint16Array(found.scores.length),
      corners: Float32Array.from(found.corners),
    };
  },
};

/** Pixels that are likely enough, and their neighbours to the right and below. */
function marked(data: ArrayLike<number>, width: number, height: number): Uint8Array {
  const mask = new Uint8Array(width * height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      if (!(data[at]! > PIXEL)) continue;
      const [right, below] = [x + 1 < width ? 1 : 0, y + 1 < height ? width : 0];
      mask[at] = mask[at + right] = mask[at + below] = mask[at + below + right] = 1;
    }
  }
  return mask;
}

/** The mean over the pixels of a convex polygon whose corners are cut to whole pixels, with those that its sides are drawn by, as OpenCV's `fillPoly` has it. */
function meanWithin(corners: readonly Point[], data: ArrayLike<number>, width: number, height: number): number {
  const whole = corners.map(([x, y]): Point => [Math.trunc(x), Math.trunc(y)]);
  const [xs, ys] = [whole.map(([x]) => x), whole.map(([, y]) => y)];
  const inside = (x: number, y: number): boolean =>
    whole.every(([ax, ay], i) => {
      const [bx, by] = whole[(i + 1) % whole.length]!;
      const [dx, dy] = [bx - ax, by - ay];
      return dx * (y - ay) - dy * (x - ax) >= -Math.max(Math.abs(dx), Math.abs(dy)) / 2;
    });
  let [sum, count] = [0, 0];
  for (let y = Math.max(0, Math.min(...ys)); y <= Math.min(height - 1, Math.max(...ys)); y++) {
    for (let x = Math.max(0, Math.min(...xs)); x <= Math.min(width - 1, Math.max(...xs)); x++) {
      if (!inside(x, y)) continue;
      sum += data[y * width + x]!;
      count++;
    }
  }
  return count > 0 ? sum / count : 0;
}
