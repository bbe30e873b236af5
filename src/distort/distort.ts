import { encodePng } from '../image/encode.js';
import type { Pixels } from '../image/pixels.js';
import type { Level, Step } from './level.js';
import { distortionOf } from './registry.js';

/**
 * An image at a level: the steps one after the other.
 *
 * @param where the image's name, for errors
 * @returns pixels of the same channels, and of the same size unless the level {@link resizes}; for `clean` `pixels` itself, which is
 *   never changed
 * @throws E_DISTORT_SIZE if the image is too small for the level
 */
export async function distort(pixels: Pixels, level: Level, where?: string): Promise<Pixels> {
  return applySteps(pixels, level.steps, where);
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
 */
export async function encodeDistorted(pixels: Pixels, level: Level, where?: string): Promise<Uint8Array> {
  const last = level.steps.at(-1);
  const file = fileOf(last);
  if (!last || !file) return encodePng(await distort(pixels, level, where));
  return file.encode(await applySteps(pixels, level.steps.slice(0, -1), where), last.value);
}

async function applySteps(pixels: Pixels, steps: readonly Step[], where?: string): Promise<Pixels> {
  for (const { kind, value } of steps) pixels = await distortionOf(kind).apply(pixels, value, where);
  return pixels;
}

function fileOf(step: Step | undefined): ReturnType<typeof distortionOf>['file'] {
  return step && distortionOf(step.kind).file;
}
