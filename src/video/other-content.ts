import { closeSync, openSync, readSync } from 'node:fs';
import { type Content, contentOf } from '../common/content.js';

/** Enough for what any format begins with. */
const HEAD = 1024;

/** What a file that is no video is instead, where that is known: a Git LFS pointer, an HTML page. */
export function otherContent(path: string): Content | undefined {
  const head = Buffer.alloc(HEAD);
  try {
    const file = openSync(path, 'r');
    try {
      const content = contentOf(head.subarray(0, readSync(file, head, 0, HEAD, 0)));
      return content?.kind === 'video' ? undefined : content;
    } finally {
      closeSync(file);
    }
  } catch {
    // What FFmpeg says of it is all that is known.
    return undefined;
  }
}
