import type { Size } from '../image/resize.js';

/** Images of a training step, and what they are cut to. */
export interface StepSize {
  batch: number;
  size: [height: number, width: number];
}

/** Pixels that a step looks at, at most, where nothing says how many: they take a second or less on two cores. */
const PIXELS = 4 * 224 ** 2;

/** Images of a step, at most. */
const LARGEST_BATCH = 4;

export interface StepSizeOptions extends Partial<StepSize> {
  /** Of the pictures; where they differ, what nearly all of them hold. */
  picture: Size;
  /** Sides of crops are multiples of it. */
  stride: number;
  /** What the network itself brings each picture to. */
  own?: Size;
}

/**
 * What a step looks at where the caller leaves it open: whole pictures, and as many of them as 200,000 pixels hold, 1 to 4. Of larger pictures it is
 * one crop in their proportions. A network that looks at a picture as a whole, as squeeze-and-excitation does, answers a small crop otherwise
 * than it answers the picture, and is measured on pictures.
 */
export function stepSize({ picture, stride, own, ...given }: StepSizeOptions): StepSize {
  // What the network brings to its own size costs the same however large it is, and a crop would be enlarged.
  const by = own ? 1 : Math.min(1, Math.sqrt(PIXELS / (picture.height * picture.width)));
  const side = (length: number): number => Math.max(1, Math.floor((by * length) / stride)) * stride;
  const size = given.size ?? [side(picture.height), side(picture.width)];
  const pixels = own ? own.height * own.width : size[0] * size[1];
  const batch = given.batch ?? Math.min(LARGEST_BATCH, Math.max(1, Math.round(PIXELS / pixels)));
  return { batch, size };
}
