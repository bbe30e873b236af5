import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { wideText } from './content.js';

/** Bytes that are text in another encoding than UTF-8. */
export class EncodingError extends Error {
  override readonly name = 'EncodingError';
  constructor(
    /** `text in UTF-16` */
    readonly got: string,
    /** What to do, as a full sentence. */
    readonly todo = 'Save it as UTF-8.',
  ) {
    super(`${got}. ${todo}`);
  }
}

/**
 * Text of bytes in UTF-8, with or without a byte order mark, which is none of the text's characters. Everything that reads a file as
 * text does it here; a test holds that.
 *
 * @throws EncodingError for UTF-16 and UTF-32
 */
export function textOf(bytes: Uint8Array): string {
  const wide = wideText(bytes);
  if (wide) throw new EncodingError(`text in ${wide}`);
  return withoutMark(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'));
}

/** Text without the byte order mark that it may begin with. */
export function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

/** The text of a file. @throws EncodingError, and the system's error */
export async function readText(path: string | URL): Promise<string> {
  return textOf(await readFile(path));
}

/** As {@link readText}, at once. */
export function readTextSync(path: string | URL): string {
  return textOf(readFileSync(path));
}
