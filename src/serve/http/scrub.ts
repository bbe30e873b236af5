import { isAbsolute, resolve } from 'node:path';

/** A folder of the server, and what clients know it by. */
export interface Place {
  folder: string;
  name: string;
}

/** An absolute path of any system, or a file: address, that stands by itself. */
const PATH = /(?<![\w.:/\\-])(?:file:\/\/)?(?:[A-Za-z]:\\|\/)[^\s"'`,;:()<>|]+/g;

/**
 * A message without the server's paths: what lies in a known folder goes by that folder's name (`demo/config.json`), of any other
 * path the last name is left.
 */
export function withoutPaths(message: string, places: readonly Place[]): string {
  // The longest first: one folder may lie in another.
  const known = places
    .flatMap(({ folder, name }) => [...new Set([folder, resolve(folder)])].map((path) => ({ path, name })))
    .filter(({ path }) => isAbsolute(path) || /[\\/]/.test(path))
    .sort((a, b) => b.path.length - a.path.length);
  let text = message;
  for (const { path, name } of known) text = text.replaceAll(path.replace(/[\\/]+$/, ''), name);
  return text.replace(PATH, (path) => `.../${path.split(/[\\/]/).filter(Boolean).at(-1) ?? ''}`);
}
