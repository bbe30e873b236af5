import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../../common/folders.js';
import { readFile } from '../../common/read-file.js';
import { naming } from '../../common/system-error.js';
import type { Stamp } from '../stamp.js';
import { eachOf, firstDamage } from './result-files.js';
import type { Bucket } from './s3-bucket.js';

/** Sizes of files by path. */
export type Sizes = Readonly<Record<string, number>>;

/** Brings files of a folder under a prefix. */
export async function upload(bucket: Bucket, folder: string, paths: readonly string[], prefix: string): Promise<void> {
  await eachOf(paths, async (path) => void (await bucket.put(prefix + path, await readFile(join(folder, path)))));
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
    const object = await bucket.get(prefix + path);
    if (object?.content.length !== size) {
      amiss = path;
      return;
    }
    const target = join(folder, path);
    await makeFolder(dirname(target));
    await naming(target, () => writeFile(target, object.content));
  });
  return amiss;
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
