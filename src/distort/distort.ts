import { fail } from '../common/errors.js';
import { encodePng } from '../image/encode.js';
import type { Huffman } from '../image/encode.js';
import type { Pixels } from '../image/pixels.js';
import { formatLevel, type Level } from './level.js';
import type { Step } from './step.js';
import { distortionOf } from './registry.js';

/**
 * An image at a level: the steps one after the other.
 *
 * @param where the image's name, for errors
 * @returns pixels of the same channels, and of the same size unless the level {@link resizes}; for `clean` `pixels` itself, which is
 *   never changed
 * @throws E_DISTORT_SIZE if the image is too small for the level, E_DISTORT_SEQUENCE if the level codes sequences
 */
export async function distort(pixels: Pixels, level: Level, where?: string): Promise<Pixels> {
  return applySteps(pixels, level.steps, where);
}

/**
 * Consecutive frames at a level, one after the other in their order; not more of them are in memory than the encoder looks ahead at.
 *
 * @param frames of one size where the level codes sequences
 * @param where what they are of, for errors
 * @throws E_DISTORT_SIZE if they are too small for the level, E_DISTORT_SEQUENCE if they differ in size
 */
export function distortSequence(frames: AsyncIterable<Pixels>, level: Level, where?: string): AsyncIterable<Pixels> {
  return level.steps.reduce((before, step) => {
    const { kind, value, gop } = step;
    if (gop !== undefined) return distortionOf(kind).applySequence!(before, value, gop, where);
    return (async function* () {
      for await (const pixels of before) yield await applyStep(pixels, step, where);
    })();
  }, frames);
}

/** Whether images have another size at a level, as at `resolution`. */
export function resizes(level: Level): boolean {
  return level.steps.some(({ kind }) => distortionOf(kind).sizeOf !== undefined);
}

/** The extension of the files that {@link encodeDistorted} gives: `.jpg` where a level ends in `jpeg`, `.png` otherwise. */
export function extensionOf(level: Level): string {
  return fileOf(level.steps.at(-1))?.extension ?? '.png';
}

/**
 * An image at a level as the bytes of a file, which decodes to what {@link distort} gives: the JPEG that a last step of
 * `jpeg` consists of, encoded once, or a lossless PNG.
 *
 * @param huffman tables of a JPEG. Default: optimal
 */
export async function encodeDistorted(
  pixels: Pixels,
  level: Level,
  where?: string,
  huffman?: Huffman,
): Promise<Uint8Array> {
  const last = level.steps.at(-1);
  const file = fileOf(last);
  if (!last || !file) return encodePng(await distort(pixels, level, where));
  return file.encode(await applySteps(pixels, level.steps.slice(0, -1), where), last.value, huffman);
}

async function applySteps(pixels: Pixels, steps: readonly Step[], where?: string): Promise<Pixels> {
  for (const step of steps) pixels = await applyStep(pixels, step, where);
  return pixels;
}

async function applyStep(pixels: Pixels, step: Step, where = 'picture'): Promise<Pixels> {
  if (step.gop === undefined) return distortionOf(step.kind).apply(pixels, step.value, where);
  return fail('E_DISTORT_SEQUENCE', {
    where,
    expected: `a sequence of frames, which ${formatLevel([step])} codes together`,
    got: 'a single picture',
    todo: `Use ${formatLevel([{ ...step, gop: undefined }])}, which codes each picture alone.`,
  });
}

function fileOf(step: Step | undefined): ReturnType<typeof distortionOf>['file'] {
  return step && distortionOf(step.kind).file;
}
