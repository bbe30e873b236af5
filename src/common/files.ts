import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { cp, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeFolder } from './folders.js';
import { naming } from './system-error.js';

/**
 * Writes a file so that a reader, or a crash at any moment, sees the old content or the new, never a part:
 * temporary file beside it, fsync, rename, fsync of the folder.
 *
 * @param durable false leaves both fsyncs out, for files whose reader checks a hash: a power cut may then lose or tear a new one,
 *   and waiting for the disk is most of what writing a small file takes
 * @throws the system's error (ENOSPC, EACCES), which names `path`; the temporary file is removed then.
 */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array,
  { durable = true }: { durable?: boolean } = {},
): Promise<void> {
  const folder = dirname(path);
  const temporary = temporaryPath(path, 'tmp');
  try {
    const file = await open(temporary, 'wx').catch(async () => {
      await makeFolder(folder);
      return open(temporary, 'wx');
    });
    try {
      await naming(path, () => file.writeFile(content));
      if (durable) await naming(path, () => file.sync());
    } finally {
      await naming(path, () => file.close());
    }
    await rename(temporary, path);
  } catch (error) {
    // What it failed for is told, not that what is left cannot be removed, as on a file system that can only be read by now.
    await rm(temporary, { force: true }).catch(() => undefined);
    const system = error as NodeJS.ErrnoException;
    if (system.path === temporary) system.path = path;
    throw error;
  }
  if (durable) await syncFolder(folder);
}

/** Writes `value` as indented JSON with a final newline, atomically. */
export function writeJsonAtomic(path: string, value: unknown): Promise<void> {
  return writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`);
}

/**
 * Puts a copy of a folder in place of another, whole: a reader finds the old files, for a moment none, or the new ones, never some of
 * each. Nothing is written where the files are the same already.
 *
 * @throws the system's error; the old folder stays then
 */
export async function replaceFolder(source: string, target: string): Promise<void> {
  if (await hasSameFiles(source, target)) return;
  const [fresh, old] = [temporaryPath(target, 'tmp'), temporaryPath(target, 'old')];
  try {
    await cp(source, fresh, { recursive: true });
    await rename(target, old).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    await rename(fresh, target).catch(async (error: unknown) => {
      await rename(old, target).catch(() => undefined);
      throw error;
    });
  } finally {
    await Promise.all([fresh, old].map((folder) => rm(folder, { recursive: true, force: true })));
  }
  await syncFolder(dirname(target));
}

/** Bytes of a file's own name in a temporary one: with all that follows it stays within what any file system takes. */
const NAME_KEPT = 100;

/** A new name beside a file or folder, `.NAME.PID.RANDOM.KIND`, for what takes its place when it is whole. */
export function temporaryPath(path: string, kind: string): string {
  let name = '';
  for (const character of basename(path)) {
    if (Buffer.byteLength(name + character) > NAME_KEPT) break;
    name += character;
  }
  return join(dirname(path), `.${name}.${process.pid}.${randomBytes(4).toString('hex')}.${kind}`);
}

async function hasSameFiles(source: string, target: string): Promise<boolean> {
  const [own, other] = await Promise.all([source, target].map(hashesIn));
  return other !== undefined && canonicalJson(own) === canonicalJson(other);
}

/** Hashes of a folder's files by name; undefined where there is no such folder. */
async function hashesIn(folder: string): Promise<Record<string, string> | undefined> {
  const names = await readdir(folder, { recursive: true }).catch(() => undefined);
  const pairs = names?.map(async (name) => {
    const path = join(folder, name);
    return [name, (await stat(path)).isFile() ? await sha256File(path) : 'a folder'] as const;
  });
  return pairs && Object.fromEntries(await Promise.all(pairs));
}

/** Makes a rename or a new entry in `folder` durable; a no-op on systems that cannot fsync a folder. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'EISDIR' && code !== 'EPERM' && code !== 'EINVAL') throw error;
  }
}

/** SHA-256 of bytes or text, as lower-case hex. */
export function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** SHA-256 of a file's content, read in pieces, as lower-case hex. */
export async function sha256File(path: string): Promise<string> {
  const hash = createHash('sha256');
  await naming(path, async () => {
    for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  });
  return hash.digest('hex');
}

/** JSON with the keys of every object sorted, so that equal values give equal text and so equal hashes. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : inner,
  );
}
