import { readdir, stat } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { isDropping } from '../common/droppings.js';

/** A file of a folder that is not answered. */
export interface SkippedFile {
  path: string;
  /** `.bmp`, `dangling link`, `no extension` */
  why: string;
}

/**
 * The images below a folder, by their extensions, and what else lies there. Droppings of file managers are neither.
 *
 * @param extensions lower case, without the dot
 * @returns paths relative to the folder, with `/`, in no order
 * @throws the system's error where a folder cannot be listed
 */
export async function imagesIn(
  folder: string,
  extensions: readonly string[],
): Promise<{ paths: string[]; skipped: SkippedFile[] }> {
  const paths: string[] = [];
  const skipped: SkippedFile[] = [];
  const seen = new Set<string>();
  const visit = async (inside: string): Promise<void> => {
    const { dev, ino } = await stat(inside);
    // A link to a folder above would lead round for ever.
    if (seen.has(`${dev} ${ino}`)) return;
    seen.add(`${dev} ${ino}`);
    for (const entry of await readdir(inside, { withFileTypes: true })) {
      const path = join(inside, entry.name);
      if (isDropping(entry.name)) continue;
      const what = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : entry;
      const kind = extname(entry.name).toLowerCase();
      if (what === undefined) skipped.push({ path, why: 'dangling link' });
      else if (what.isDirectory()) await visit(path);
      else if (!what.isFile()) skipped.push({ path, why: 'no file' });
      else if (extensions.includes(kind.slice(1))) paths.push(relative(folder, path).split(sep).join('/'));
      else skipped.push({ path, why: kind || 'no extension' });
    }
  };
  await visit(folder);
  return { paths, skipped };
}

/** `2 .bmp, 1 dangling link` */
export function skippedText(skipped: readonly SkippedFile[]): string {
  const counts = new Map<string, number>();
  for (const { why } of skipped) counts.set(why, (counts.get(why) ?? 0) + 1);
  return [...counts]
    .map(([why, count]) => `${count} ${why}${count > 1 && why === 'dangling link' ? 's' : ''}`)
    .join(', ');
}
