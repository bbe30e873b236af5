import { stat } from 'node:fs/promises';
import { parse, join } from 'node:path';
import { forEachParallel } from '../common/parallel.js';
import { isAnimated } from '../image/animated.js';
import type { ImageFile, VideoSource } from './source.js';

/** Files that are looked into at a time. */
const AT_ONCE = 8;

/** Takes animated images for the videos that they are; each has its masks in a folder of its name. */
export async function animatedAsVideos(
  found: readonly (ImageFile | VideoSource)[],
): Promise<(ImageFile | VideoSource)[]> {
  const all = [...found];
  await forEachParallel(all.entries(), AT_ONCE, async ([i, one]) => {
    // Opening what is no file, such as a named pipe, could wait for ever.
    if (!('mask' in one) || !(await stat(one.path).catch(() => undefined))?.isFile() || !(await isAnimated(one.path)))
      return;
    const { dir, name } = parse(one.mask);
    all[i] = { source: one.path, name: join(dir, name) };
  });
  return all;
}
