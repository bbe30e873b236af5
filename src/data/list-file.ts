import { posix } from 'node:path';
import { isDropping } from '../common/droppings.js';
import type { GearnnError } from '../common/errors.js';
import type { Sample } from './dataset.js';
import { problem } from './list-problem.js';
import { readListText } from './list-text.js';
import { throwProblem, type Report } from './report.js';

/** What a line should say, and what it does. */
export interface ListFault {
  expected: string;
  got: string;
}

/**
 * The samples of a list file: one `image label` per line, paths relative to the dataset's folder. Empty lines and lines that
 * start with `#` are skipped, and so are those whose image is a dropping of a file manager (`._a.png`); where a path holds spaces, a tab stands between the two.
 *
 * @param report what is done with each E_DATA_LIST: the file is missing or empty, a line is not two paths, an image comes twice, or two
 *   have one id
 * @param relocate what a line's paths are read as
 * @param faultIn what else is wrong with a line
 * @returns the samples of the lines that are right
 */
export async function readListFile(
  path: string,
  report: Report = throwProblem,
  relocate: (sample: Sample) => Sample = (sample) => sample,
  faultIn: (sample: Sample) => ListFault | undefined = () => undefined,
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
    if (isDropping(posix.basename(parsed.image))) return;
    const fault = faultOf(parsed);
    if (fault)
      return report(problem(where, 'two paths that a file can have', fault, 'Correct the path, or remove the line.'));
    const other = faultIn(parsed);
    if (other) return report(problem(where, other.expected, other.got, 'Correct the label, or remove the line.'));
    const sample = relocate(parsed);
    const key = posix.normalize(sample.id);
    const first = known.get(key);
    if (first) return report(twice(where, sample, first));
    known.set(key, { image: sample.image, line: index + 1 });
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
  if (posix.normalize(image) === posix.normalize(first.image)) {
    const got = `"${image}", which is "${first.image}" in line ${first.line}`;
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

/** What makes a path one that no system takes. */
function faultOf({ image, label }: Sample): string | undefined {
  for (const path of [image, label]) {
    if (path.includes('\0')) return `a NUL character in ${JSON.stringify(path)}`;
    const long = path.split('/').find((name) => name.length > NAME_LENGTH);
    if (long !== undefined)
      return `a name of ${long.length} characters, "${long.slice(0, 20)}...", where ${NAME_LENGTH} are the most`;
  }
  return undefined;
}

/** Characters of a file's name at most, on every common file system; on some it is as many bytes. */
const NAME_LENGTH = 255;

/** A sample's id: its image's path without the extension. */
export function idOf(image: string): string {
  return image.replace(/\.[^./]+$/, '');
}
