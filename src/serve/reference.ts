import { fail } from '../common/errors.js';
import { BrightnessReference } from '../distort/detect/brightness.js';
import { decodeImage } from '../image/decode.js';
import { readFile } from '../common/read-file.js';

/** An image file as what undistorted frames look like. @throws E_USAGE where it cannot be read, E_IMAGE_DECODE */
export async function readReference(path: string): Promise<BrightnessReference> {
  const reference = new BrightnessReference();
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) =>
    fail('E_USAGE', {
      where: '--reference',
      expected: 'an image file that can be read',
      got: `${cause.code} for ${path}`,
      cause,
    }),
  );
  reference.add(await decodeImage(bytes, path));
  return reference;
}
