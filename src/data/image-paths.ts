import { createHash } from 'node:crypto';
import { extname, join } from 'node:path';
import { IMAGE_EXTENSIONS } from '../image/extensions.js';
import type { Sample } from './dataset.js';
import { idOf } from './list-file.js';
import { listFolder } from './list-folder.js';

/** A number in 0..1 that follows from a path alone: a new image changes no other one's split. */
export function shareOf(path: string): number {
  return createHash('sha256').update(path).digest().readUInt32BE(0) / 2 ** 32;
}

/** Paths of the images in a folder and those within it, relative to it. */
export async function imagesBelow(folder: string): Promise<string[]> {
  const files = (await listFolder(folder, 'files')) ?? [];
  const paths = files.filter((name) => IMAGE_EXTENSIONS.includes(extname(name).slice(1).toLowerCase()));
  for (const name of (await listFolder(folder, 'folders')) ?? []) {
    if (files.includes(name)) continue;
    for (const path of await imagesBelow(join(folder, name))) paths.push(`${name}/${path}`);
  }
  return paths;
}

/** The same samples, whose ids are without an extension where that tells no two of them apart. */
export function namedSamples(samples: readonly Sample[]): Sample[] {
  const named = samples.map(({ id }) => idOf(id));
  const count = new Map<string, number>();
  for (const name of named) count.set(name, (count.get(name) ?? 0) + 1);
  // Of two files that differ in their extension alone, it tells which is which.
  return samples.map((sample, i) => ({ ...sample, id: count.get(named[i]!) === 1 ? named[i]! : sample.id }));
}
