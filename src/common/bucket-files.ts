import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isPassing, type Bucket } from './bucket.js';
import { makeFolder } from './folders.js';
import { forEachParallel } from './parallel.js';
import { naming } from './system-error.js';

/** Sizes of files by path. */
export type Sizes = Readonly<Record<string, number>>;

/** Times that a file is sent or brought: what is sent piece by piece the client itself does not repeat. */
const TRIES = 3;
/** How many files are under way at once. */
const AT_ONCE = 16;

/** Brings files of a folder under a prefix, none of them whole in memory. */
export async function upload(bucket: Bucket, folder: string, sizes: Sizes, prefix: string): Promise<void> {
  await forEachParallel(Object.entries(sizes), AT_ONCE, ([path, size]) =>
    repeatedly(() => bucket.putFile(prefix + path, join(folder, path), size)),
  );
}

/** @returns the first file that is not there as large as it should be; undefined where all of them are here */
export async function download(
  bucket: Bucket,
  prefix: string,
  sizes: Sizes,
  folder: string,
): Promise<string | undefined> {
  let amiss: string | undefined;
  await forEachParallel(Object.entries(sizes), AT_ONCE, async ([path, size]) => {
    if (amiss !== undefined) return;
    const target = join(folder, path);
    await makeFolder(dirname(target));
    if ((await repeatedly(() => bring(bucket, prefix + path, target))) !== size) amiss = path;
  });
  return amiss;
}

/**
 * Brings one file.
 *
 * @param tag brings it only where it is still that of this tag
 * @returns bytes; undefined where there is no such object
 */
export async function bring(bucket: Bucket, key: string, target: string, tag?: string): Promise<number | undefined> {
  const content = await bucket.stream(key, tag);
  if (!content) return undefined;
  const file = await open(target, 'w');
  try {
    let bytes = 0;
    for await (const piece of content) {
      await naming(target, () => file.writeFile(piece));
      bytes += piece.length;
    }
    return bytes;
  } finally {
    await file.close();
  }
}

async function repeatedly<T>(act: () => Promise<T>): Promise<T> {
  for (let left = TRIES - 1; ; left--) {
    try {
      return await act();
    } catch (error) {
      if (left === 0 || !isPassing(error)) throw error;
      await sleep(1000);
    }
  }
}

/** The first file under a prefix that is gone or of another size. */
export async function firstMissing(bucket: Bucket, prefix: string, sizes: Sizes): Promise<string | undefined> {
  const there = new Map((await bucket.list(prefix)).map(({ key, size }) => [key.slice(prefix.length), size]));
  return Object.entries(sizes).find(([path, size]) => there.get(path) !== size)?.[0];
}
