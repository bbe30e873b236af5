import { basename } from 'node:path/posix';
import { contentOf } from '../common/content.js';
import { isDropping } from '../common/droppings.js';
import { GearnnError } from '../common/errors.js';
import type { Sample } from './dataset.js';
import { throwProblem, type Report } from './report.js';
import { readText } from '../common/text-file.js';

/**
 * The samples of a list file: one `image label` per line, paths relative to the dataset's folder. Empty lines and lines that
 * start with `#` are skipped, and so are those whose image is a dropping of a file manager (`._a.png`); where a path holds spaces, a tab stands between the two.
 *
 * @param report what is done with each E_DATA_LIST: the file is missing or empty, a line is not two paths, an image comes twice, or two
 *   have one id
 * @param relocate what a line's paths are read as
 * @returns the samples of the lines that are right
 */
export async function readListFile(
  path: string,
  report: Report = throwProblem,
  relocate: (sample: Sample) => Sample = (sample) => sample,
): Promise<Sample[]> {
  const text = await readListText(path, report);
  if (text === undefined) return [];
  const lines = text.split(/\r?\n/);
  if (lines.every(isSkipped)) {
    report(problem(path, 'lines of `image label`', 'an empty list', 'Write a line for each sample.'));
  }
  const samples: Sample[] = [];
  const known = new Map<string, { image: string; line: number }>();
  lines.forEach((line, index) => {
    if (isSkipped(line)) return;
    const parsed = parseLine(line);
    const where = `${path}:${index + 1}`;
    if (!parsed) {
      const todo = 'Mend the line; put a tab between the two where a path holds spaces.';
      return report(problem(where, 'an image path and a label path with a space between', `"${line}"`, todo));
    }
    if (isDropping(basename(parsed.image))) return;
    const sample = relocate(parsed);
    const first = known.get(sample.id);
    if (first) return report(twice(where, sample, first));
    known.set(sample.id, { image: sample.image, line: index + 1 });
    samples.push(sample);
  });
  return samples;
}

/** Of two lines with one id, which loaders tell samples apart by. */
function twice(where: string, { image }: Sample, first: { image: string; line: number }): GearnnError {
  if (image === first.image) {
    const got = `"${image}" again, first in line ${first.line}`;
    return problem(where, 'each image once', got, 'Remove one of the two lines.');
  }
  const got = `"${image}" beside "${first.image}" in line ${first.line}`;
  return problem(
    where,
    'paths of images that differ in more than what follows the last dot',
    got,
    'Rename one of them.',
  );
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

const LIST = 'a list file with lines of `image label`';

async function readListText(path: string, report: Report): Promise<string | undefined> {
  try {
    const text = await readText(path);
    const other = contentOf(Buffer.from(text.slice(0, 1024)));
    if (other?.kind !== 'pointer' && other?.kind !== 'text') return text;
    report(problem(path, LIST, other.name, other.todo ?? ''));
    return undefined;
  } catch (error) {
    if (error instanceof GearnnError && error.code === 'E_TEXT') {
      report(problem(path, `${LIST}, in UTF-8`, error.parts.got, error.parts.todo!));
      return undefined;
    }
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'EISDIR' && code !== 'ENOTDIR') throw error;
    const got = code === 'EISDIR' ? 'a folder' : 'no such file';
    report(problem(path, LIST, got, 'Write the file, or correct the path to it.'));
    return undefined;
  }
}

function problem(where: string, expected: string, got: string, todo: string): GearnnError {
  return new GearnnError('E_DATA_LIST', { where, expected, got, todo });
}
