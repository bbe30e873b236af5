import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { encodePng } from '../../../src/image/encode.js';
import { encodeLabelMap } from '../../../src/image/labels.js';
import type { Pixels } from '../../../src/image/pixels.js';
import { makePicture } from '../../video/support/clips.js';
import { CLASSES } from './list-dataset.js';

/** Size of every frame. */
export const [WIDTH, HEIGHT] = [64, 48];

/** A frame of a recording: slopes of colour that move on with its number; recordings start at different places. */
export function frameOf(recording: string, number: number): Pixels {
  return makePicture(number + 100 * recording.charCodeAt(0), WIDTH, HEIGHT);
}

/** `a_0007` of the recording `a` in a folder. */
export const nameOf = (recording: string, number: number): string => `${recording}_${String(number).padStart(4, '0')}`;

/** Writes a list dataset of frames: `split -> recording -> their numbers`, images `images/a_0007.png`. */
export async function writeRecordings(
  root: string,
  splits: Record<string, Record<string, number[]>>,
  frameGap?: number,
): Promise<void> {
  for (const [split, recordings] of Object.entries(splits)) {
    const lines: string[] = [];
    for (const [recording, numbers] of Object.entries(recordings)) {
      for (const number of numbers) {
        const name = nameOf(recording, number);
        await writeFrame(join(root, `images/${name}.png`), frameOf(recording, number));
        await writeEmptyLabel(join(root, `labels/${name}.png`));
        lines.push(`images/${name}.png labels/${name}.png\n`);
      }
    }
    await writeFile(join(root, `${split}.txt`), lines.join(''));
  }
  const lists = Object.fromEntries(Object.keys(splits).map((split) => [split, `${split}.txt`]));
  const description = { classes: CLASSES, ignore: 255, splits: lists, frameGap };
  await writeFile(join(root, 'dataset.json'), JSON.stringify(description));
}

export async function writeFrame(path: string, pixels: Pixels): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, await encodePng(pixels));
}

/** A label map of class 0. */
export async function writeEmptyLabel(path: string, [width, height] = [WIDTH, HEIGHT]): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, encodeLabelMap({ data: new Uint8Array(width * height), width, height }));
}

/** The numbers from one to another, both of them among these. */
export function range(from: number, to: number, step = 1): number[] {
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step);
}
