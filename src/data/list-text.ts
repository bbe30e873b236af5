import { contentOf, wideText } from '../common/content.js';
import type { GearnnError } from '../common/errors.js';
import { readFile } from '../common/read-file.js';
import { explainSystemError, isOfProcess } from '../common/system-error.js';
import { textOf } from '../common/text-file.js';
import { problem } from './list-problem.js';
import type { Report } from './report.js';

const LIST = 'a list file with lines of `image label`';

/**
 * The text of a list file. One in UTF-16 is a problem, and is read all the same, so that its lines are looked at too.
 *
 * @param report what is done with the E_DATA_LIST of a file that is missing, cannot be read, is something else or no UTF-8
 * @returns undefined where there is none, or none whose lines could be looked at
 */
export async function readListText(path: string, report: Report): Promise<string | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    report(unreadable(path, error));
    return undefined;
  }
  const other = contentOf(bytes.subarray(0, 1024));
  const wide = wideText(bytes);
  if (wide === undefined && (other?.kind === 'pointer' || other?.kind === 'text')) {
    report(problem(path, LIST, other.name, other.todo!));
    return undefined;
  }
  try {
    return textOf(bytes, path);
  } catch (error) {
    const { got, todo } = (error as GearnnError).parts;
    report(problem(path, `${LIST}, in UTF-8`, got, todo!));
  }
  return wide === 'UTF-32' ? undefined : new TextDecoder(wide).decode(bytes);
}

function unreadable(path: string, error: unknown): GearnnError {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return problem(path, LIST, 'no such file', 'Write the file, or correct the path to it.');
    case 'EISDIR':
      return problem(path, LIST, 'a folder', 'Write the file, or correct the path to it.');
    default: {
      const known = explainSystemError(error, { where: path });
      if (known === undefined || isOfProcess(known)) throw error;
      return problem(path, LIST, known.parts.got, known.parts.todo ?? '');
    }
  }
}
