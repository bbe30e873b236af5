import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { openDataset } from '../../../src/data/registry.js';

/** The corner of a generated street, small enough for the slowest engine. */
export async function sceneJpeg(quality: number): Promise<Buffer> {
  const dataset = await openDataset('scenes:7');
  const { data, width, height } = await dataset.readImage(dataset.samples('val')[0]!);
  return sharp(data, { raw: { width, height, channels: 3 } })
    .extract({ left: 0, top: 0, width: 96, height: 64 })
    .jpeg({ quality })
    .toBuffer();
}

/** A log's lines. */
export async function byLines(path: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(path, 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
