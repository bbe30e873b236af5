import type { Random } from '../common/random.js';
import { detectionSize, paddedSize, type DetectionSize } from '../detect/transform.js';
import { sizeByShorterSide } from '../image/fit.js';
import { mirror } from '../image/pad.js';
import type { Pixels } from '../image/pixels.js';
import { resizePixels, type Size } from '../image/resize.js';
import { insideOf, mirrorRows, type Placement } from '../tasks/placement.js';

/** How training changes each sample anew in every epoch. */
export interface Augmentation {
  /**
   * Height and width of what is cut out; what lies outside the image is ignored in the loss. Or the sides that whole images are brought to: they lie
   * at the left and at the top of a batch, which has one of three sizes ({@link wholeSize}).
   */
  crop: [height: number, width: number] | DetectionSize;
  /** Pixels that the image's shorter side is brought to before anything else; left out, images keep their size. */
  resize?: number;
  /** Range of a uniformly drawn factor on the image's size; left out, images keep their size. */
  scale?: [min: number, max: number];
  /** Mirror left and right every second time. */
  flip?: boolean;
  /**
   * What lies outside the image: `fill`, or the image reflected in its edge, so that statistics over a batch are those of pictures
   * also where much lies outside. Default: `fill`.
   */
  border?: 'fill' | 'mirror';
  /** Red, green, blue of `fill`. Default: ImageNet's mean. */
  fill?: [number, number, number];
}

/** Where images are cut to one size. */
export type Cropping = Augmentation & { crop: [height: number, width: number] };

/** What training images are cut to, or that they are whole, as records have it: `224x320`, `whole 320:480`. */
export function sizeText(crop: Augmentation['crop']): string {
  return Array.isArray(crop) ? crop.join('x') : `whole ${crop.shortest}:${crop.longest}`;
}

const IMAGENET_MEAN: [number, number, number] = [124, 116, 104];

/** Draws where to cut each image of a batch; the same states of generators give the same placements. */
export function drawPlacements(
  images: readonly Size[],
  augment: Augmentation,
  randoms: readonly Random[],
): Placement[] {
  const { crop, scale } = augment;
  if (Array.isArray(crop)) return images.map((image, i) => drawPlacement(image, { ...augment, crop }, randoms[i]!));
  const drawn = images.map((image, i) => drawScaled(detectionSize(image, crop), augment, randoms[i]!));
  const batch = wholeSize(drawn.map(({ scaled }) => scaled), crop, scale?.[1]); // prettier-ignore
  // Mirrored with what lies beside it, an image at the right comes to lie at the left.
  return drawn.map(({ scaled, flip }) => ({ scaled, flip, x: flip ? scaled.width - batch[1] : 0, y: 0, crop: batch }));
}

/**
 * The size of a batch of whole images: lying ones share one, upright ones another, and batches of both a third, so that few graphs are compiled.
 *
 * @param scale largest factor on the images' size
 * @returns height and width, multiples of 32
 */
export function wholeSize(
  images: readonly Size[],
  { shortest, longest }: DetectionSize,
  scale = 1,
): [height: number, width: number] {
  const [short, long] = [shortest, longest].map((side) => paddedSize([{ width: 1, height: Math.ceil(side * scale) }]).height) as [number, number]; // prettier-ignore
  if (images.every(({ height }) => height <= short)) return [short, long];
  return images.every(({ width }) => width <= short) ? [long, short] : [long, long];
}

/** Draws where to cut; the same generator state gives the same placement. */
export function drawPlacement(given: Size, { crop, resize, scale, flip }: Cropping, random: Random): Placement {
  const size = resize === undefined ? given : sizeByShorterSide(given, resize);
  const { scaled, down, across, flip: mirrors } = drawScaled(size, { scale, flip }, random);
  const y = choose(scaled.height - crop[0], down);
  const x = choose(scaled.width - crop[1], across);
  return { scaled, x, y, flip: mirrors, crop };
}

/** An image's size by a random factor, whether it is mirrored, and two numbers in 0..1 for where it is cut. */
function drawScaled(size: Size, { scale, flip = false }: Pick<Augmentation, 'scale' | 'flip'>, random: Random) {
  // All four are drawn whatever is switched on, so that switching one off does not change the others.
  const [factor, down, across, mirror] = [random.next(), random.next(), random.next(), random.next()];
  const by = scale ? scale[0] + (scale[1] - scale[0]) * factor : 1;
  const scaled = { width: Math.max(1, Math.round(size.width * by)), height: Math.max(1, Math.round(size.height * by)) };
  return { scaled, down, across, flip: flip && mirror < 0.5 };
}

/** An offset between 0 and `room`, both included, whichever of the two is smaller. */
function choose(room: number, uniform: number): number {
  return room >= 0 ? Math.floor(uniform * (room + 1)) : -Math.floor(uniform * (1 - room));
}

/** Cuts a placed crop out of an image: `[crop height, crop width, 3]` into `out` at `offset`. */
export function cropImage(
  image: Pixels,
  placement: Placement,
  { border = 'fill', fill = IMAGENET_MEAN }: Pick<Augmentation, 'border' | 'fill'>,
  out: Uint8Array,
  offset: number,
): void {
  const [height, width] = placement.crop;
  const inside = insideOf(placement);
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
