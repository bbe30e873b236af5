import { open } from 'node:fs/promises';
import { extname } from 'node:path';
import sharp from 'sharp';

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Extensions of images that may move. */
const MAY_MOVE = ['.gif', '.webp', '.png', '.apng'];

/** Whether a file is an animated GIF, WebP or PNG: one with several frames. What is damaged is for its reader to say. */
export async function isAnimated(path: string): Promise<boolean> {
  if (!MAY_MOVE.includes(extname(path).toLowerCase())) return false;
  try {
    return (await hasSeveralPngFrames(path)) ?? ((await sharp(path).metadata()).pages ?? 1) > 1;
  } catch {
    return false;
  }
}

/**
 * By the chunk that says so, which stands before the first pixels; undefined for a file that is no PNG.
 *
 * @source W3C, Portable Network Graphics, third edition: acTL
 */
async function hasSeveralPngFrames(path: string): Promise<boolean | undefined> {
  const file = await open(path);
  try {
    const read = async (at: number, length: number): Promise<Buffer> => {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, at);
      return buffer.subarray(0, bytesRead);
    };
    if (!(await read(0, PNG.length)).equals(PNG)) return undefined;
    for (let at = PNG.length; ;) {
      const head = await read(at, 12);
      if (head.length < 12) return false;
      const name = head.toString('latin1', 4, 8);
      if (name === 'acTL') return head.readUInt32BE(8) > 1;
      if (name === 'IDAT') return false;
      at += 12 + head.readUInt32BE(0);
    }
  } finally {
    await file.close();
  }
}
