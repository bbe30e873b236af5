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

export interface ListFileOptions {
  /** What is done with each E_DATA_LIST. Default: it is thrown. */
  report?: Report;
  /** A line is the path of an image alone. */
  unlabelled?: boolean;
  /** What follows the image's path is a text, not a path. */
  textLabels?: boolean;
  /** What a line's paths are read as. Default: as they are. */
  relocate?: (sample: Sample) => Sample;
  /** What else is wrong with a line. */
  faultIn?: (sample: Sample) => ListFault | undefined;
}

/**
 * The samples of a list file: one `image label` per line, paths relative to the dataset's folder. Empty lines and lines that
 * start with `#` are skipped, and so are those whose image is a dropping of a file manager (`._a.png`); where a path holds spaces, a tab stands between the two.
 *
 * @returns the samples of the lines that are right; a sample's label is '' where there are none
 * @throws E_DATA_LIST, unless it is reported: the file is missing or empty, a line is not two paths, an image comes twice, or two have one id
 */
export async function readListFile(
  path: string,
  {
    report = throwProblem,
    unlabelled = false,
    textLabels = false,
    relocate = (sample) => sample,
    faultIn,
  }: ListFileOptions = {},
): Promise<Sample[]> {
  const text = await readListText(path, report);
  if (text === undefined) return [];
  const lines = text.split(/\r?\n/);
  if (lines.every(isSkipped)) {
    report(
      problem(
        path,
        unlabelled ? 'lines with an image path each' : 'lines of `image label`',
        'an empty list',
        'Write a line for each sample.',
      ),
    );
  }
  const samples: Sample[] = [];
  const known = new Map<string, { image: string; line: number }>();
  lines.forEach((line, index) => {
    if (isSkipped(line)) return;
    const parsed = unlabelled ? parsePath(line) : parseLine(line);
    const where = `${path}:${index + 1}`;
    if (!parsed) {
      const todo = 'Mend the line; put a tab between the two where a path holds spaces.';
      return report(problem(where, 'an image path and a label path with a space between', `"${line}"`, todo));
    }
    if (isDropping(posix.basename(parsed.image))) return;
    const fault = faultOf(textLabels ? { ...parsed, label: '' } : parsed);
    if (fault)
      return report(problem(where, 'two paths that a file can have', fault, 'Correct the path, or remove the line.'));
    const other = faultIn?.(parsed);
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

function parsePath(line: string): Sample {
  const image = line.trim();
  return { id: idOf(image), image, label: '' };
}

/** A line of a list file. A tab separates paths that hold spaces; a path that looks like a comment gets a `./`. */
export function formatLine({ image, label }: Pick<Sample, 'image' | 'label'>): string {
  const path = `${image.startsWith('#') ? './' : ''}${image}`;
  return label === '' ? path : `${path}${/\s/.test(image + label) ? '\t' : ' '}${label}`;
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
