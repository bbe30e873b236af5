import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolder } from '../../common/folders.js';
import { naming } from '../../common/system-error.js';
import type { Stamp } from '../stamp.js';
import { eachOf, firstDamage } from './result-files.js';
import { isPassing, type Bucket } from './s3-bucket.js';

/** Sizes of files by path. */
export type Sizes = Readonly<Record<string, number>>;

/** Times that a file is sent or brought: what is sent piece by piece the client itself does not repeat. */
const TRIES = 3;

/** Brings files of a folder under a prefix, none of them whole in memory. */
export async function upload(bucket: Bucket, folder: string, sizes: Sizes, prefix: string): Promise<void> {
  await eachOf(Object.entries(sizes), ([path, size]) =>
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
  await eachOf(Object.entries(sizes), async ([path, size]) => {
    if (amiss !== undefined) return;
    const target = join(folder, path);
    await makeFolder(dirname(target));
    if ((await repeatedly(() => bring(bucket, prefix + path, target))) !== size) amiss = path;
  });
  return amiss;
}

/** @returns bytes; undefined where there is no such object */
async function bring(bucket: Bucket, key: string, target: string): Promise<number | undefined> {
  const content = await bucket.stream(key);
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

/** Puts a folder with a result's files where this machine keeps those; another process may have done so already. */
export async function takePlace(fresh: string, folder: string, stamp: Stamp): Promise<void> {
  await makeFolder(dirname(folder));
  try {
    await rename(fresh, folder);
  } catch (error) {
    const taken = ['EEXIST', 'ENOTEMPTY', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '');
    if (!taken) throw error;
    if ((await firstDamage(folder, stamp)) === undefined) return;
    await rm(folder, { recursive: true, force: true });
    await rename(fresh, folder);
  }
}
