import { stat } from 'node:fs/promises';
import { sha256File } from './files.js';

/** What tells without reading that a file is still the one that was read: a write, a copy over it and another file in its place show. */
interface Known {
  stamp: string;
  sha256: string;
}

const known = new Map<string, Known>();

/** More would be forgotten first-in first-out, so that a server or a long experiment does not grow. */
const MOST = 500_000;

/**
 * SHA-256 of a file's content, read once per process and again where size, times or inode changed.
 *
 * @throws the system's error
 */
export async function fileHash(path: string): Promise<string> {
  const { size, mtimeNs, ctimeNs, ino, dev } = await stat(path, { bigint: true });
  const stamp = [size, mtimeNs, ctimeNs, ino, dev].join();
  const before = known.get(path);
  if (before?.stamp === stamp) return before.sha256;
  const sha256 = await sha256File(path);
  if (known.size >= MOST) known.delete(known.keys().next().value!);
  known.set(path, { stamp, sha256 });
  return sha256;
}
