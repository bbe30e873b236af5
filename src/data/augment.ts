import type { Random } from '../common/random.js';
import { mirror } from '../image/pad.js';
import type { LabelMap, Pixels } from '../image/pixels.js';
import { resizeLabels, resizePixels, type Size, type Window } from '../image/resize.js';

/** How training changes each sample anew in every epoch. */
export interface Augmentation {
  /** Height and width of what is cut out; what lies outside the image is ignored in the loss. */
  crop: [height: number, width: number];
  /** Range of a uniformly drawn factor on the image's size; left out, images keep their size. */
  scale?: [min: number, max: number];
  /** Mirror left and right every second time. */
  flip?: boolean;
  /**
   * What lies outside the image: `fill`, or the image reflected in its edge, so that statistics over a batch are those of pictures
   * also where much lies outside. `fill` unless said.
   */
  border?: 'fill' | 'mirror';
  /** Red, green, blue of `fill`; ImageNet's mean unless said. */
  fill?: [number, number, number];
}

const IMAGENET_MEAN: [number, number, number] = [124, 116, 104];

/** One draw of an augmentation, for an image of a certain size. */
export interface Placement {
  /** The whole image's size after scaling. */
  scaled: Size;
  /** Where the crop's left upper corner lies in the scaled image; negative where the image is smaller. */
  x: number;
  y: number;
  flip: boolean;
}

/** Draws where to cut; the same generator state gives the same placement. */
export function drawPlacement(size: Size, { crop, scale, flip = false }: Augmentation, random: Random): Placement {
  // All four are drawn whatever is switched on, so that switching one off does not change the others.
  const [factor, down, across, mirror] = [random.next(), random.next(), random.next(), random.next()];
  const by = scale ? scale[0] + (scale[1] - scale[0]) * factor : 1;
  const scaled = { width: Math.max(1, Math.round(size.width * by)), height: Math.max(1, Math.round(size.height * by)) };
  const y = choose(scaled.height - crop[0], down);
  const x = choose(scaled.width - crop[1], across);
  return { scaled, x, y, flip: flip && mirror < 0.5 };
}

/** An offset between 0 and `room`, both included, whichever of the two is smaller. */
function choose(room: number, uniform: number): number {
  return room >= 0 ? Math.floor(uniform * (room + 1)) : -Math.floor(uniform * (1 - room));
}

/** Cuts a placed crop out of an image: `[crop height, crop width, 3]` into `out` at `offset`. */
export function cropImage(
  image: Pixels,
  placement: Placement,
  { crop: [height, width], border = 'fill', fill = IMAGENET_MEAN }: Augmentation,
  out: Uint8Array,
  offset: number,
): void {
  const inside = insideOf(placement, height, width);
  const part = resizePixels(image, placement.scaled, inside);
  const isWhole = inside.width === width && inside.height === height;
  const [left, top] = [inside.x - placement.x, inside.y - placement.y];
  if (!isWhole && border === 'mirror') {
    reflect(part, left, top, { width, height }, out, offset);
  } else {
    if (!isWhole) for (let i = 0; i < height * width * 3; i++) out[offset + i] = fill[i % 3]!;
    for (let row = 0; row < inside.height; row++) {
      const to = offset + ((top + row) * width + left) * 3;
      out.set(part.data.subarray(row * inside.width * 3, (row + 1) * inside.width * 3), to);
    }
  }
  if (placement.flip) mirrorRows(out, offset, height, width, 3);
}

/** Cuts the same crop out of a label map: `[crop height, crop width]` into `out` at `offset`; outside is `ignore`. */
export function cropLabel(
  label: LabelMap,
  placement: Placement,
  { crop: [height, width] }: Augmentation,
  ignore: number,
  out: Uint8Array,
  offset: number,
): void {
  const inside = insideOf(placement, height, width);
  const part = resizeLabels(label, placement.scaled, inside);
  if (inside.width < width || inside.height < height) out.fill(ignore, offset, offset + height * width);
  for (let row = 0; row < inside.height; row++) {
    const to = offset + (inside.y - placement.y + row) * width + inside.x - placement.x;
    out.set(part.data.subarray(row * inside.width, (row + 1) * inside.width), to);
  }
  if (placement.flip) mirrorRows(out, offset, height, width, 1);
}

/** The part of the crop that lies on the scaled image, in the scaled image's coordinates. */
function insideOf({ scaled, x, y }: Placement, height: number, width: number): Window {
  const [left, top] = [Math.max(0, x), Math.max(0, y)];
  return {
    x: left,
    y: top,
    width: Math.min(scaled.width, x + width) - left,
    height: Math.min(scaled.height, y + height) - top,
  };
}

/** Writes a picture at `left`, `top` of a larger one, and around it its reflection. */
function reflect(part: Pixels, left: number, top: number, size: Size, out: Uint8Array, offset: number): void {
  const columns = Int32Array.from({ length: size.width }, (_, x) => 3 * mirror(x - left, part.width));
  for (let y = 0, to = offset; y < size.height; y++) {
    const row = 3 * part.width * mirror(y - top, part.height);
    for (const column of columns) {
      for (let c = 0; c < 3; c++) out[to++] = part.data[row + column + c]!;
    }
  }
}

function mirrorRows(data: Uint8Array, offset: number, height: number, width: number, channels: number): void {
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
