import { access } from 'node:fs/promises';
import { fail } from '../common/errors.js';
import { readFile } from '../common/read-file.js';

/** What a file of a sample holds, for messages. */
export type Part = 'image' | 'label' | 'instance';

/** @throws E_DATA_MISSING if there is no such file */
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
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'EISDIR') throw error;
    fail('E_DATA_MISSING', {
      where: path,
      expected: `the ${part} file`,
      got: code === 'EISDIR' ? 'a folder' : 'no such file',
      todo: `Put the ${part} file there, or remove the sample from its list.`,
    });
  }
}
