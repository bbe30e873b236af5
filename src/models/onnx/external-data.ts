import { closeSync, fstatSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { fail } from '../../common/errors.js';
import type { StringEntry } from './messages.js';

/** Of one tensor. */
const MOST_BYTES = 2 ** 31;
/** How often a file may be read in all: two tensors may share values, a thousand would fill the memory from a small file. */
const MOST_READS = 2;

/** Reads a tensor's bytes from the file beside the model that it names. */
export type ReadExternal = (tensor: string, entries: readonly StringEntry[], bytes: number) => Uint8Array;

/**
 * Reads values that lie outside the model's file, in its folder or below.
 *
 * @param folder that of the model
 * @param onFile hears of each file that is read from, by its path in the folder
 * @returns a function that throws E_ONNX_EXTERNAL for a path outside the folder (through links too), for a missing file, and for a range
 *   that the file does not have or that is not as long as the tensor
 */
export function externalReader(folder: string, onFile?: (location: string) => void): ReadExternal {
  const read = new Map<string, number>();
  return (tensor, entries, bytes) => {
    const field = (key: string): string | undefined => entries.find((entry) => entry.key === key)?.value;
    const refuse = (expected: string, got: string): never =>
      fail('E_ONNX_EXTERNAL', { where: `external data of ${tensor}`, expected, got });
    const location = field('location') ?? '';
    const path = resolve(folder, location);
    if (location === '' || location.includes('\0') || isAbsolute(location) || isOutside(folder, path))
      refuse("a path inside the model's folder", JSON.stringify(location));
    const [offset, length] = [count(field('offset') ?? '0'), count(field('length') ?? String(bytes))];
    if (length !== bytes) refuse(`${bytes} bytes, as its type and shape say`, `a length of ${field('length')}`);
    if (Number.isNaN(offset)) refuse('an offset in bytes', String(field('offset')));
    if (bytes > MOST_BYTES) refuse(`at most ${MOST_BYTES} bytes`, String(bytes));
    let file: number;
    try {
      if (isOutside(realpathSync(folder), realpathSync(path)))
        refuse("a file inside the model's folder", `a link out of it: ${location}`);
      // Opening a pipe would wait for whoever writes to it.
      if (!statSync(path).isFile()) refuse('a file', `a folder, pipe or device: ${location}`);
      file = openSync(path, 'r');
    } catch (error) {
      if (!(error instanceof Error && 'syscall' in error)) throw error;
      return fail('E_ONNX_EXTERNAL', {
        where: `external data of ${tensor}`,
        expected: `the file ${join(folder, location)}`,
        got: error.message,
        todo: 'Copy it beside the model: exporters write the two together.',
        cause: error,
      });
    }
    try {
      const { size } = fstatSync(file);
      if (offset + bytes > size)
        refuse(`bytes ${offset} to ${offset + bytes} of ${location}`, `a file of ${size} bytes`);
      const total = (read.get(path) ?? 0) + bytes;
      read.set(path, total);
      if (total > MOST_READS * size)
        refuse(`values of its own in ${location}`, `a file of ${size} bytes that tensors take ${total} of`);
      const data = new Uint8Array(bytes);
      let done = 0;
      while (done < bytes) {
        const more = readSync(file, data, done, Math.min(bytes - done, 1 << 30), offset + done);
        if (more === 0) refuse(`bytes ${offset} to ${offset + bytes} of ${location}`, `an end after ${done}`);
        done += more;
      }
      onFile?.(location);
      return data;
    } finally {
      closeSync(file);
    }
  };
}

/** Whether a path is the folder itself, or leads out of it; links aside. */
export function isOutside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '' || way === '..' || way.startsWith('../') || way.startsWith('..\\') || isAbsolute(way);
}

function count(text: string): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : NaN;
}
