import type { GearnnError } from '../common/errors.js';
import { readFile } from '../common/read-file.js';
import { explainSystemError } from '../common/system-error.js';
import { problem } from './list-problem.js';
import type { Report } from './report.js';

/**
 * The text of a list file. One in UTF-16 is a problem, and is read all the same, so that its lines are looked at too.
 *
 * @param report what is done with the E_DATA_LIST of a file that is missing, cannot be read or is no UTF-8
 * @returns undefined where there is none
 */
export async function readListText(path: string, report: Report): Promise<string | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    report(unreadable(path, error));
    return undefined;
  }
  const wide = utf16In(bytes);
  if (wide === undefined) return bytes.toString('utf8');
  report(
    problem(path, 'text in UTF-8', `text in ${wide.toUpperCase()}`, `Save it as UTF-8 (iconv -f ${wide} -t utf-8).`),
  );
  return new TextDecoder(wide).decode(bytes);
}

/** By its byte order mark, or, where it has none, by the zeros that every second byte of plain letters is then. */
function utf16In(bytes: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  const start = bytes.subarray(0, 512);
  const zeros = (odd: number): number => start.filter((byte, i) => i % 2 === odd && byte === 0).length;
  const most = start.length / 2 - start.length / 16;
  if (start.length < 4) return undefined;
  return zeros(1) > most ? 'utf-16le' : zeros(0) > most ? 'utf-16be' : undefined;
}

function unreadable(path: string, error: unknown): GearnnError {
  const expected = 'a list file with lines of `image label`';
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return problem(path, expected, 'no such file', 'Write the file, or correct the path to it.');
    case 'EISDIR':
      return problem(path, expected, 'a folder', 'Write the file, or correct the path to it.');
    default: {
      const known = explainSystemError(error, { where: path });
      if (known === undefined || isOfProcess(known)) throw error;
      return problem(path, expected, known.parts.got, known.parts.todo ?? '');
    }
  }
}

/** Whether an answer of the system is about the process as a whole, so that every further file would get it as well. */
export function isOfProcess({ code }: GearnnError): boolean {
  return code === 'E_FILES_OPEN' || code === 'E_MEMORY';
}
