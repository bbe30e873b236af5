import type { Pixels } from '../../image/pixels.js';
import { blockMagnitudes, FREQUENCIES } from './block-dct.js';
import { gaps, GapTable, pooled, recompressed, variety } from './gaps.js';
import { ijgTables, QUALITIES } from './ijg.js';
import type { JpegQuality } from './jpeg-quality.js';

/** As many blocks as a sharp answer takes; a 360x480 image has 2,700. */
const BLOCKS = 1024;

/** Fewer blocks than these say nothing either way. */
const FEWEST_BLOCKS = 64;

/** Drawings repeat few coefficients, whose common divisors look like steps; photographs have hundreds of values (see {@link variety}). */
const FEWEST_VALUES = 60;

/** In pixels: on a grid shifted by half a block no quantization of the aligned one shows. */
const SHIFT = 4;

/** The gaps must be this many standard deviations clearer than a single compression explains. */
const DEVIATIONS = 8;

/** And go this share of the way, not much more or less, to how clear the earlier compression would make them. */
const SHARE = 0.8;

/** The gaps with and without an earlier compression must differ by this much for the pixels to tell. */
const CONTRAST = 0.2;

/** At most this share of the coefficients may lie where the earlier steps leave none, between 0 and the first multiple. */
const STRAY = 0.1;

/** A quality counts as worse than the file's own where its steps are coarser by this factor (geometric mean). */
const COARSER = 1.2;

/** What the pixels show of a compression that they went through before the file they come from. */
export interface JpegHistory {
  /** Undefined where no trace is found. */
  earlier?: JpegQuality;
  /** False where the image is too small, too clipped or too plain to show anything. */
  enough: boolean;
}

/**
 * Finds that pixels were a JPEG of worse quality before: its quantization left the coefficients of the aligned 8x8 blocks on
 * multiples of its steps, with gaps between.
 *
 * How clear the gaps of a quality are ({@link gaps}) is compared with two pictures of the same content, both from the
 * coefficients of a grid that is shifted by half a block: quantized by the file's own table only, and by that of the quality
 * first. A trace lies far from the one and close to the other.
 *
 * @param pixels decoded from the file, neither resized, cropped nor turned
 * @param table the luminance steps of the file, `[64]`; undefined where it is no JPEG
 * @source gaps in the histogram: Fan and de Queiroz 2003; the shifted grid: Lukas and Fridrich 2003
 */
export function jpegHistory(pixels: Pixels, table?: ArrayLike<number>): JpegHistory {
  const aligned = blockMagnitudes(pixels, 0, BLOCKS);
  const shifted = blockMagnitudes(pixels, SHIFT, BLOCKS);
  if (aligned[0]!.length < FEWEST_BLOCKS || shifted[0]!.length < FEWEST_BLOCKS) return { enough: false };
  if (variety(shifted) < FEWEST_VALUES) return { enough: false };
  const own = FREQUENCIES.map((position) => table?.[position]);
  const found = aligned.map((list) => new GapTable(list));
  const once = shifted.map((list, f) => new GapTable(recompressed(list, undefined, own[f])));

  let best: JpegQuality | undefined;
  for (const quality of QUALITIES) {
    const steps = lowSteps(quality);
    if (table && coarseness(steps, own as number[]) < Math.log(COARSER)) break;
    const seen = pooled(found.map((list, f) => list.at(steps[f]!)));
    const single = pooled(once.map((list, f) => list.at(steps[f]!)));
    // Each cosine has a variance of about one half.
    const deviation = Math.sqrt(0.5 / Math.max(1, seen.count) + 0.5 / Math.max(1, single.count));
    if (seen.mean - single.mean < DEVIATIONS * deviation || seen.stray > STRAY) continue;
    const double = pooled(shifted.map((list, f) => gaps(recompressed(list, steps[f], own[f]), steps[f]!)));
    const contrast = double.mean - single.mean;
    if (contrast < CONTRAST) continue;
    const confidence = 1 - Math.abs(double.mean - seen.mean) / contrast;
    if (confidence < SHARE) continue;
    // The divisors of a coarse step fit too, so the coarsest table counts; the next qualities share most steps with it, and
    // the best of these counts.
    if (best && (quality > best.quality + 1 || confidence <= best.confidence)) break;
    best = { quality, confidence };
  }
  return { enough: true, ...(best && { earlier: best }) };
}

const stepsOf = new Map<number, number[]>();

/** The steps of a quality at {@link FREQUENCIES}. */
function lowSteps(quality: number): number[] {
  let steps = stepsOf.get(quality);
  if (!steps) {
    const { luminance } = ijgTables(quality);
    steps = FREQUENCIES.map((position) => luminance[position]!);
    stepsOf.set(quality, steps);
  }
  return steps;
}

/** Mean logarithm of how much coarser `steps` are than `own`. */
function coarseness(steps: number[], own: number[]): number {
  return steps.reduce((sum, step, f) => sum + Math.log(step / own[f]!), 0) / steps.length;
}
