import { readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/**
 * A sentence for a path that leads to nothing, where the one that is meant can be guessed: a `~` that no shell has replaced, or a name that
 * is there in other characters of the same look, such as the decomposed ones of macOS, in other case, or without a space at its end.
 *
 * @returns undefined where something is there, or nothing alike
 */
export async function lookalike(path: string): Promise<string | undefined> {
  if (/^~[\w.-]*\//.test(path)) {
    return 'The ~ stands for a home folder only where a shell replaces it: write the whole path.';
  }
  // From the whole path upwards to the first part that is missing in a folder that is there.
  for (let at = resolve(path), above = dirname(at); above !== at; at = above, above = dirname(at)) {
    const names = await namesIn(above);
    if (names === undefined) continue;
    const wanted = at.slice(above.length).replace(/^\//, '');
    if (names.includes(wanted)) return undefined;
    const other = names.find((name) => fold(name) === fold(wanted));
    return other === undefined ? undefined : `${join(above, other)} is there, ${difference(wanted, other)}.`;
  }
  return undefined;
}

const fold = (name: string): string => name.normalize('NFC').toLowerCase().trim();

function difference(wanted: string, other: string): string {
  if (wanted.normalize('NFC') === other.normalize('NFC')) {
    const form = other === other.normalize('NFC') ? 'NFC' : other === other.normalize('NFD') ? 'NFD' : 'a mixed form';
    return `whose name looks the same and is written in other Unicode characters (${form}): rename one of the two`;
  }
  if (wanted.trim() === other.trim()) return 'whose name differs in spaces at an end';
  return 'whose name differs in upper and lower case';
}

/** The last folder read: what is asked about often lies in one. */
let last: { folder: string; at: number; names: Promise<string[] | undefined> } | undefined;

/** How long a folder is taken to be as it was read, in milliseconds. */
const FRESH = 1000;

function namesIn(folder: string): Promise<string[] | undefined> {
  if (last?.folder !== folder || Date.now() - last.at > FRESH) {
    const names = readdir(folder).catch(() => undefined);
    last = { folder, at: Date.now(), names };
  }
  return last.names;
}
