import type { Size, Window } from '../image/resize.js';

/** Where a crop is cut out of an image of a certain size. */
export interface Placement {
  /** The whole image's size after scaling. */
  scaled: Size;
  /** Where the crop's left upper corner lies in the scaled image; negative where the image is smaller. */
  x: number;
  y: number;
  /** The crop is mirrored left and right. */
  flip: boolean;
  /** Height and width of the crop. */
  crop: readonly [height: number, width: number];
}

/** The part of the crop that lies on the scaled image, in the scaled image's coordinates. */
export function insideOf({ scaled, x, y, crop: [height, width] }: Placement): Window {
  const [left, top] = [Math.max(0, x), Math.max(0, y)];
  return {
    x: left,
    y: top,
    width: Math.min(scaled.width, x + width) - left,
    height: Math.min(scaled.height, y + height) - top,
  };
}

/** Mirrors a picture `[height, width, channels]` left and right, in place. */
export function mirrorRows(data: Uint8Array, offset: number, height: number, width: number, channels: number): void {
  for (let row = 0; row < height; row++) {
    let left = offset + row * width * channels;
    let right = left + (width - 1) * channels;
    for (; left < right; left += channels, right -= channels) {
      for (let c = 0; c < channels; c++) {
        const value = data[left + c]!;
        data[left + c] = data[right + c]!;
        data[right + c] = value;
      }
    }
  }
}
