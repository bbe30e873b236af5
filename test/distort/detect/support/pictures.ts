import sharp from 'sharp';
import { openDataset } from '../../../../src/data/registry.js';
import { decodeImage } from '../../../../src/image/decode.js';
import type { Pixels } from '../../../../src/image/pixels.js';

/** Scenes of 360x480, never compressed. */
export async function scenes(count: number): Promise<Pixels[]> {
  const dataset = await openDataset('scenes:1@360x480');
  return Promise.all(
    dataset
      .samples('train')
      .slice(0, count)
      .map((sample) => dataset.readImage(sample)),
  );
}

export interface Saving {
  quality: number;
  mozjpeg?: boolean;
  progressive?: boolean;
}

/** A JPEG file by sharp. */
export function saved(picture: Pixels | Uint8Array, { quality, ...options }: Saving): Promise<Uint8Array> {
  const image =
    picture instanceof Uint8Array
      ? sharp(picture)
      : sharp(picture.data, { raw: { width: picture.width, height: picture.height, channels: picture.channels } });
  return image.jpeg({ quality, chromaSubsampling: '4:2:0', ...options }).toBuffer();
}

/** A file with its pixels, as a runner hands both to detection. */
export async function evidence(bytes: Uint8Array): Promise<{ bytes: Uint8Array; pixels: Pixels }> {
  return { bytes, pixels: await decodeImage(bytes, 'test') };
}
