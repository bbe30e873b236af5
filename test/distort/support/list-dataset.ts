import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sha256 } from '../../../src/common/files.js';
import { Random } from '../../../src/common/random.js';
import { encodePng } from '../../../src/image/encode.js';
import { encodeLabelMap } from '../../../src/image/labels.js';

export const CLASSES = [
  { name: 'road', color: [128, 64, 128] },
  { name: 'car', color: [0, 0, 142] },
];

export const WIDTH = 24;
export const HEIGHT = 16;

/** Writes a list dataset of small random images under `root`: `split -> names`, image `images/NAME.png`, label `labels/NAME.png`. */
export async function writeListDataset(root: string, splits: Record<string, string[]>): Promise<void> {
  for (const name of Object.values(splits).flat()) {
    await writeImage(join(root, `images/${name}.png`), name);
    await writeLabel(join(root, `labels/${name}.png`), name);
  }
  const names = Object.keys(splits);
  for (const split of names) {
    const lines = splits[split]!.map((name) => `images/${name}.png labels/${name}.png\n`);
    await writeFile(join(root, `${split}.txt`), lines.join(''));
  }
  const lists = Object.fromEntries(names.map((split) => [split, `${split}.txt`]));
  await writeFile(join(root, 'dataset.json'), JSON.stringify({ classes: CLASSES, ignore: 255, splits: lists }));
}

/** A PNG of noise that follows from `seed`. */
export async function writeImage(path: string, seed: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const data = bytes(WIDTH * HEIGHT * 3, seed, 256);
  await writeFile(path, await encodePng({ data, width: WIDTH, height: HEIGHT, channels: 3 }));
}

/** A label PNG of the ids 0, 1 and 255. */
export async function writeLabel(path: string, seed: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const data = bytes(WIDTH * HEIGHT, seed, 3).map((id) => (id === 2 ? 255 : id));
  await writeFile(path, encodeLabelMap({ data, width: WIDTH, height: HEIGHT }));
}

function bytes(count: number, seed: string, bound: number): Uint8Array {
  const random = Random.of(1, seed);
  return Uint8Array.from({ length: count }, () => random.integer(bound));
}

/** SHA-256 of every file below a folder, by its path. */
export async function contentOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const hashes = await Promise.all(
    paths.sort().map(async (path) => [path.slice(folder.length + 1), sha256(await readFile(path))]),
  );
  return Object.fromEntries(hashes) as Record<string, string>;
}
