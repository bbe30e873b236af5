import type { Pixels } from '../../image/pixels.js';
import { brightnessTable } from '../brightness.js';

/** How bright a frame is against a reference. */
export interface BrightnessDetection {
  /** The `f` of `brightness=f`: 1 is as bright as the reference. */
  factor: number;
  /** 0..1: how much better this factor explains the frame than ones half as high again or as low. */
  confidence: number;
}

/** Pixels looked at per frame, spread evenly. */
const PIXELS = 16_384;

/** Range and fineness of the search; below 1/100 every value of 8 bits becomes 0, 1 or 2. */
const LOWEST = 0.01;
const HIGHEST = 20;
const COARSE = 1.08;
const FINE = 1.005;

/** The factors that the best one is compared with. */
const OTHERWISE = 1.5;

/**
 * What a stream looks like undistorted: the histogram of its values, from one reference image or the first frames.
 *
 * Without one brightness is not detected at all: a dark frame may be a bright scene darkened or a dark scene as it is.
 */
export class BrightnessReference {
  private readonly histogram = new Float64Array(256);
  private frames = 0;

  /** Counts an image in, each with the same weight whatever its size. */
  add(pixels: Pixels): void {
    const histogram = histogramOf(pixels);
    for (let value = 0; value < 256; value++) this.histogram[value]! += histogram[value]!;
    this.frames++;
  }

  /** How many images were counted in. */
  get count(): number {
    return this.frames;
  }

  /**
   * The factor that turns the reference's histogram into that of a frame, clipped and truncated as `brightness=f` does: the
   * one with the least earth mover's distance. Being a sum of absolute differences of quantiles, that forgives a minority of
   * pixels that changed for another reason; being computed with the clipping, it needs none of the clipped values.
   *
   * @returns undefined where no reference was given, it is black, or the frame fits any factor (all white)
   */
  detect(pixels: Pixels): BrightnessDetection | undefined {
    if (this.frames === 0) return undefined;
    const reference = this.histogram.map((count) => count / this.frames);
    const observed = histogramOf(pixels);
    if (reference[0] === 1) return undefined;
    if (observed[0] === 1) return { factor: 0, confidence: 1 };
    const cost = (factor: number): number => earthMovers(scaled(reference, factor), observed);
    let factor = best(range(LOWEST, HIGHEST, COARSE), cost);
    factor = best(range(factor / COARSE, factor * COARSE, FINE), cost);
    const least = cost(factor);
    const others = Math.min(cost(factor * OTHERWISE), cost(factor / OTHERWISE));
    const confidence = others > 0 ? Math.max(0, 1 - least / others) : 0;
    return confidence > 0 ? { factor: rounded(factor), confidence } : undefined;
  }
}

/** Share of each value 0..255 in all channels of a sample of the pixels. */
function histogramOf({ data, width, height, channels }: Pixels): Float64Array {
  const total = width * height;
  const count = Math.min(total, PIXELS);
  const histogram = new Float64Array(256);
  for (let i = 0; i < count; i++) {
    const at = Math.floor((i * total) / count) * channels;
    for (let channel = 0; channel < channels; channel++) histogram[data[at + channel]!]!++;
  }
  return histogram.map((number) => number / (count * channels));
}

function scaled(histogram: Float64Array, factor: number): Float64Array {
  const table = brightnessTable(factor);
  const result = new Float64Array(256);
  for (let value = 0; value < 256; value++) result[table[value]!]! += histogram[value]!;
  return result;
}

/** How far the mass of one histogram must be moved to make the other, in steps of value per pixel. */
function earthMovers(a: Float64Array, b: Float64Array): number {
  let carried = 0;
  let moved = 0;
  for (let value = 0; value < 256; value++) {
    carried += a[value]! - b[value]!;
    moved += Math.abs(carried);
  }
  return moved;
}

function range(from: number, to: number, ratio: number): number[] {
  const values: number[] = [];
  for (let value = from; value <= to; value *= ratio) values.push(value);
  return values;
}

function best(values: number[], cost: (value: number) => number): number {
  let found = values[0]!;
  let least = Infinity;
  for (const value of values) {
    const now = cost(value);
    if (now < least) [found, least] = [value, now];
  }
  return found;
}

/** To three digits; more would be noise. */
function rounded(factor: number): number {
  return Number(factor.toPrecision(3));
}
