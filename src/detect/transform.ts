import { fail } from '../common/errors.js';
import type { Size } from '../image/resize.js';
import type { Boxes } from './boxes.js';

/** How images are sized for a detector. */
export interface DetectionSize {
  /** Pixels that the shorter side is brought to. */
  shortest: number;
  /** Pixels that the longer side has at most then. */
  longest: number;
}

/** Reads `320:480`: what the shorter side is brought to, and what the longer one has at most. @throws E_USAGE for another text */
export function parseSides(text: string, where: string): DetectionSize {
  const [shortest = 0, longest = 0] = /^[1-9]\d{0,4}:[1-9]\d{0,4}$/.test(text) ? text.split(':').map(Number) : [];
  if (shortest > 0 && shortest <= longest) return { shortest, longest };
  const expected = 'SHORTEST:LONGEST such as 320:480, the second no smaller than the first';
  return fail('E_USAGE', { where, expected, got: `"${text}"` });
}

/** torchvision's. */
export const DETECTION_SIZE: DetectionSize = { shortest: 800, longest: 1333 };

/** Sides of the padded image are multiples of it, so that each level of a pyramid halves the one below. */
const MULTIPLE = 32;

/**
 * The size that an image is scaled to: its shorter side to `shortest`, or less where the longer one would go over `longest`; rounded down.
 *
 * @source torchvision's `GeneralizedRCNNTransform`; where it is scripted its factor is in single precision, and may give a pixel less
 */
export function detectionSize({ width, height }: Size, { shortest, longest }: DetectionSize): Size {
  const factor = Math.min(shortest / Math.min(width, height), longest / Math.max(width, height));
  return { width: Math.max(1, Math.floor(width * factor)), height: Math.max(1, Math.floor(height * factor)) };
}

/** The size that holds all images of a batch: what lies right of an image and below is padding. */
export function paddedSize(images: readonly Size[]): Size {
  const upTo = (side: number): number => Math.ceil(side / MULTIPLE) * MULTIPLE;
  return {
    width: upTo(Math.max(...images.map(({ width }) => width))),
    height: upTo(Math.max(...images.map(({ height }) => height))),
  };
}

/** Boxes of an image that is scaled from one size to another, or back. */
export function scaleBoxes(boxes: Boxes, from: Size, to: Size): Boxes {
  const across = Math.fround(to.width / from.width);
  const down = Math.fround(to.height / from.height);
  return boxes.map((value, i) => value * (i % 2 === 0 ? across : down));
}
