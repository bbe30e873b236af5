import { VideoWriter, type WriteVideoOptions } from '../../../src/video/writer.js';
import type { Picture } from '../../../src/video/picture.js';
import { openVideo, type ReadVideoOptions } from '../../../src/video/reader.js';
import type { VideoFrame } from '../../../src/video/picture.js';

/** Frames a second of every clip. */
export const RATE = 10;

/** A picture of a made video: slopes of colour that move, so that frames differ and survive compression. */
export function makePicture(number: number, width: number, height: number): Picture {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      data[at++] = (255 * (x + number * 2)) / (width + 40);
      data[at++] = (255 * y) / height;
      data[at++] = 128 + 100 * Math.sin((x + y + number * 3) / 9);
    }
  }
  return { data, width, height, channels: 3 };
}

/** Writes a clip of made pictures, whose clock starts at `start` seconds. */
export async function writeClip(
  path: string,
  { count, width, height, start = 0, ...options }: WriteVideoOptions & { count: number; start?: number },
): Promise<void> {
  const writer = await VideoWriter.open(path, { width, height, frameRate: RATE, crf: 15, ...options });
  for (let i = 0; i < count; i++) await writer.write(makePicture(i, width, height), start + i / RATE);
  await writer.close();
}

/** Reads a source to its end, or to its error. */
export async function readAll(
  source: string,
  options?: ReadVideoOptions,
): Promise<{ frames: VideoFrame[]; error?: Error }> {
  const frames: VideoFrame[] = [];
  try {
    for await (const frame of await openVideo(source, options)) frames.push(frame);
    return { frames };
  } catch (error) {
    return { frames, error: error as Error };
  }
}

/** Sizes of frames in the order in which they change: `96x64`. */
export function sizesOf(frames: readonly VideoFrame[]): string[] {
  const sizes = frames.map(({ picture }) => `${picture.width}x${picture.height}`);
  return sizes.filter((size, i) => size !== sizes[i - 1]);
}

/** Peak signal to noise ratio in dB; Infinity for equal bytes. */
export function psnr(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) throw new Error(`${a.length} bytes are not compared with ${b.length}`);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return 10 * Math.log10((255 * 255 * a.length) / sum);
}
