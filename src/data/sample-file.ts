import { access } from 'node:fs/promises';
import { fail } from '../common/errors.js';
import { lookalike } from '../common/lookalike.js';
import { readFile } from '../common/read-file.js';
import { explainSystemError, isOfProcess } from '../common/system-error.js';

/** What a file of a sample holds, for messages. */
export type Part = 'image' | 'label' | 'instance';

/** @throws E_DATA_MISSING if there is no such file, or none that can be read */
export function readSampleFile(path: string, part: Part): Promise<Uint8Array> {
  return orMissing(readFile(path), path, part);
}

/** @throws E_DATA_MISSING if there is no such file */
export function requireSampleFile(path: string, part: Part): Promise<void> {
  return orMissing(access(path), path, part);
}

async function orMissing<T>(trial: Promise<T>, path: string, part: Part): Promise<T> {
  try {
    return await trial;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') {
      const hint = await lookalike(path);
      fail('E_DATA_MISSING', {
        where: path,
        expected: `the ${part} file`,
        got: code === 'EISDIR' ? 'a folder' : 'no such file',
        todo: `Put the ${part} file there, or remove the sample from its list.${hint === undefined ? '' : ` ${hint}`}`,
      });
    }
    const known = explainSystemError(cause, { where: path });
    // What is about the process as a whole says nothing of this file.
    if (known === undefined || isOfProcess(known)) throw cause;
    const { got, todo } = known.parts;
    fail('E_DATA_MISSING', { where: path, expected: `the ${part} file`, got, todo, cause });
  }
}
