import { readFile } from 'node:fs/promises';
import { fail } from '../common/errors.js';
import type { Sample } from './dataset.js';

/**
 * The samples of a list file: one `image label` per line, paths relative to the dataset's folder. Empty lines and lines that
 * start with `#` are skipped; a path with spaces is written with a tab between the two.
 *
 * @throws E_DATA_LIST if the file is missing or empty, or a line is not two paths, or an image comes twice
 */
export async function readListFile(path: string): Promise<Sample[]> {
  const samples: Sample[] = [];
  const firstLine = new Map<string, number>();
  for (const [index, line] of (await readText(path)).split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const where = `${path}:${index + 1}`;
    const [image, label, ...rest] = line.includes('\t') ? line.trim().split(/\t+/) : line.trim().split(/ +/);
    if (!image || !label || rest.length > 0) {
      fail('E_DATA_LIST', {
        where,
        expected: 'an image path and a label path with a space between',
        got: `"${line}"`,
        todo: 'Mend the line; put a tab between the two where a path holds spaces.',
      });
    }
    if (firstLine.has(image)) {
      fail('E_DATA_LIST', {
        where,
        expected: 'each image once',
        got: `"${image}" again, first in line ${firstLine.get(image)}`,
        todo: 'Remove one of the two lines.',
      });
    }
    firstLine.set(image, index + 1);
    samples.push({ id: image.replace(/\.[^./]+$/, ''), image, label });
  }
  if (samples.length === 0) {
    fail('E_DATA_LIST', {
      where: path,
      expected: 'lines of `image label`',
      got: 'an empty list',
      todo: 'Fill the list.',
    });
  }
  return samples;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'EISDIR' && code !== 'ENOTDIR') throw error;
    fail('E_DATA_LIST', {
      where: path,
      expected: 'a list file with lines of `image label`',
      got: code === 'EISDIR' ? 'a folder' : 'no such file',
      todo: 'Write the file, or correct the path to it.',
    });
  }
}
