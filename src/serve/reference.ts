import { readFile } from 'node:fs/promises';
import { BrightnessReference } from '../distort/detect/brightness.js';
import { decodeImage } from '../image/decode.js';

/** An image file as what undistorted frames look like. @throws E_IMAGE_DECODE; the system's error where it cannot be read */
export async function readReference(path: string): Promise<BrightnessReference> {
  const reference = new BrightnessReference();
  reference.add(await decodeImage(await readFile(path), path));
  return reference;
}
