import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDataset } from '../src/data/registry.js';
import { encodePng } from '../src/image/encode.js';
import { encodeLabelMap } from '../src/image/labels.js';

/** Writes `count` scenes of 360x480 as a list dataset, so that a benchmark reads files as users have them. */
export async function renderScenes(folder: string, count: number): Promise<void> {
  const scenes = await openDataset('scenes:1@360x480');
  await mkdir(folder, { recursive: true });
  const lines: string[] = [];
  for (const [i, sample] of scenes.samples('train').slice(0, count).entries()) {
    await writeFile(join(folder, `${i}.png`), await encodePng(await scenes.readImage(sample)));
    await writeFile(join(folder, `${i}-label.png`), encodeLabelMap(await scenes.readLabel(sample)));
    lines.push(`${i}.png ${i}-label.png`);
  }
  await writeFile(join(folder, 'train.txt'), `${lines.join('\n')}\n`);
  const { classes, ignore } = scenes;
  await writeFile(join(folder, 'dataset.json'), JSON.stringify({ classes, ignore, splits: { train: 'train.txt' } }));
}
