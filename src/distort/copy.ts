import type { Dataset, Sample } from '../data/dataset.js';
import type { Huffman } from '../image/encode.js';
import { encodeDistorted } from './distort.js';
import type { LevelFolder } from './level-folder.js';
import { codesSequences } from './level.js';
import type { PlannedSample } from './paths.js';
import { sourceImage, sourceLabel } from './source-files.js';

/** One level's folder and what is to be in it. */
export interface Target {
  folder: LevelFolder;
  plan: PlannedSample[];
  /** Files written so far, and files found right. */
  written: number;
  kept: number;
}

/** One image or label file of the source, and where it goes at each level. */
export interface Copy {
  what: 'image' | 'label';
  sample: Sample;
  places: { target: Target; path: string }[];
}

/**
 * Every file of the source once, though several samples or splits may share it: the image and the label of each sample in turn. Images of
 * levels that code sequences are left out.
 */
export function copiesOf(targets: readonly Target[]): Copy[] {
  const copies = new Map<string, Copy>();
  for (const target of targets) {
    const placed = new Set<string>();
    const sequences = codesSequences(target.folder.level);
    for (const { split, sample, image, label, files } of target.plan) {
      for (const [what, path] of [
        ['image', image],
        ['label', label],
      ] as const) {
        if (!files.includes(path) || placed.has(path) || (sequences && what === 'image')) continue;
        placed.add(path);
        const key = `${what} ${sample[what] || `${split} ${sample.id}`}`;
        const copy = copies.get(key) ?? { what, sample, places: [] };
        copy.places.push({ target, path });
        copies.set(key, copy);
      }
    }
  }
  return [...copies.values()];
}

/** Brings one file up to date at every level: it is read once, and decoded only if some level needs it. */
export async function bringUpToDate(
  dataset: Dataset,
  { what, sample, places }: Copy,
  huffman?: Huffman,
): Promise<void> {
  if (what === 'label') {
    const source = await sourceLabel(dataset, sample);
    await update(places, source, async (bytes) => bytes);
  } else {
    const source = await sourceImage(dataset, sample);
    await update(places, source, (pixels, { level }) => encodeDistorted(pixels, level, source.from, huffman));
  }
}

async function update<Content>(
  places: Copy['places'],
  { from, hash, read }: { from: string; hash: string; read(): Promise<Content> },
  encode: (content: Content, folder: LevelFolder) => Promise<Uint8Array>,
): Promise<void> {
  let content: Content | undefined;
  for (const { target, path } of places) {
    if (await target.folder.isRight(path, hash)) {
      target.kept++;
    } else {
      content ??= await read();
      await target.folder.put(path, from, hash, await encode(content, target.folder));
      target.written++;
    }
  }
}
