import { fail } from '../common/errors.js';
import type { Pixels } from './pixels.js';
import { resizePixels, type Size, type Window } from './resize.js';

/** How pictures of any size come to a network of one size: resized, so that the shorter side has `resize` pixels, then cut. */
export interface Fit {
  /** Pixels of the shorter side. */
  resize: number;
  /** Height and width of the square that is cut out of the middle; at most `resize`. */
  crop: number;
}

/** Reads `256:224`: what the shorter side is resized to, and what is cut. @throws E_USAGE for another text */
export function parseFit(text: string, where: string): Fit {
  const [resize = 0, crop = 0] = /^[1-9]\d{0,4}:[1-9]\d{0,4}$/.test(text) ? text.split(':').map(Number) : [];
  if (crop > 0 && crop <= resize) return { resize, crop };
  return fail('E_USAGE', {
    where,
    expected: 'RESIZE:CROP such as 256:224, the second no larger than the first',
    got: `"${text}"`,
  });
}

/** The size at which the shorter side has so many pixels. @source torchvision, `_compute_resized_output_size` */
export function sizeByShorterSide({ width, height }: Size, pixels: number): Size {
  const longer = (own: number, shorter: number): number => Math.trunc((pixels * own) / shorter);
  return width <= height
    ? { width: pixels, height: longer(height, width) }
    : { width: longer(width, height), height: pixels };
}

/**
 * A picture as torchvision's `Resize(resize)` (bilinear, with antialiasing) and `CenterCrop(crop)` make it of an image of Pillow, to the bit.
 *
 * @returns `[crop, crop, channels]`
 * @source torchvision, transforms/functional.py: `resize`, `center_crop`
 */
export function fitPixels(pixels: Pixels, { resize, crop }: Fit): Pixels {
  const size = sizeByShorterSide(pixels, resize);
  return resizePixels(pixels, size, centerWindow(size, crop));
}

/** The square in the middle of a picture. */
export function centerWindow({ width, height }: Size, crop: number): Window {
  return { x: halfToEven(width - crop), y: halfToEven(height - crop), width: crop, height: crop };
}

/** Half of a number of pixels, as Python's `round` makes it whole: of two equally near the even one. */
function halfToEven(pixels: number): number {
  const down = Math.floor(pixels / 2);
  return pixels % 2 === 0 || down % 2 === 0 ? down : down + 1;
}
