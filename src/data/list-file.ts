import { readFile } from 'node:fs/promises';
import { GearnnError } from '../common/errors.js';
import type { Sample } from './dataset.js';
import { throwProblem, type Report } from './report.js';

/**
 * The samples of a list file: one `image label` per line, paths relative to the dataset's folder. Empty lines and lines that
 * start with `#` are skipped; where a path holds spaces, a tab stands between the two.
 *
 * @param report what is done with each E_DATA_LIST: the file is missing or empty, a line is not two paths, an image comes twice
 * @returns the samples of the lines that are right
 */
export async function readListFile(path: string, report: Report = throwProblem): Promise<Sample[]> {
  const text = await readText(path, report);
  if (text === undefined) return [];
  const lines = text.split(/\r?\n/);
  if (lines.every(isSkipped)) {
    report(problem(path, 'lines of `image label`', 'an empty list', 'Write a line for each sample.'));
  }
  const samples: Sample[] = [];
  const firstLine = new Map<string, number>();
  lines.forEach((line, index) => {
    if (isSkipped(line)) return;
    const sample = parseLine(line);
    const where = `${path}:${index + 1}`;
    const first = sample && firstLine.get(sample.image);
    if (!sample) {
      const todo = 'Mend the line; put a tab between the two where a path holds spaces.';
      report(problem(where, 'an image path and a label path with a space between', `"${line}"`, todo));
    } else if (first !== undefined) {
      const got = `"${sample.image}" again, first in line ${first}`;
      report(problem(where, 'each image once', got, 'Remove one of the two lines.'));
    } else {
      firstLine.set(sample.image, index + 1);
      samples.push(sample);
    }
  });
  return samples;
}

function isSkipped(line: string): boolean {
  return line.trim() === '' || line.startsWith('#');
}

function parseLine(line: string): Sample | undefined {
  const [image, label, ...rest] = line.trim().split(line.includes('\t') ? /\t+/ : / +/);
  if (!image || !label || rest.length > 0) return undefined;
  return { id: idOf(image), image, label };
}

/** A sample's id: its image's path without the extension. */
export function idOf(image: string): string {
  return image.replace(/\.[^./]+$/, '');
}

async function readText(path: string, report: Report): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'EISDIR' && code !== 'ENOTDIR') throw error;
    const got = code === 'EISDIR' ? 'a folder' : 'no such file';
    report(problem(path, 'a list file with lines of `image label`', got, 'Write the file, or correct the path to it.'));
    return undefined;
  }
}

function problem(where: string, expected: string, got: string, todo: string): GearnnError {
  return new GearnnError('E_DATA_LIST', { where, expected, got, todo });
}
