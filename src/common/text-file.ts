import { readFileSync } from 'node:fs';
import { narrowing, wideText } from './content.js';
import { fail } from './errors.js';
import { readFile } from './read-file.js';
import { namingSync } from './system-error.js';

/**
 * Text of bytes in UTF-8, with or without a byte order mark, which is none of the text's characters. Everything that reads a file as
 * text does it here; a test holds that.
 *
 * @param where the file, for messages
 * @throws E_TEXT for UTF-16 and UTF-32
 */
export function textOf(bytes: Uint8Array, where: string): string {
  const wide = wideText(bytes);
  if (wide) fail('E_TEXT', { where, expected: 'text in UTF-8', got: `text in ${wide}`, todo: narrowing(wide) });
  return withoutMark(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'));
}

/** Text without the byte order mark that it may begin with. */
export function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

/** The text of a file. @throws E_TEXT, and the system's error, which names the path */
export async function readText(path: string): Promise<string> {
  return textOf(await readFile(path), path);
}

/** As {@link readText}, at once. */
export function readTextSync(path: string): string {
  return textOf(
    namingSync(path, () => readFileSync(path)),
    path,
  );
}
