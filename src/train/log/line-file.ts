import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolderSync } from '../../common/folders.js';
import { isStream, SteadyWriter } from '../../common/steady-writer.js';

/** Milliseconds that the reader of a pipe has for the last lines. */
const LAST_WAIT = 1000;

/** Something that lines are appended to. */
export interface LineFile {
  /** @throws the system's error where the line, or the one before it, could not be written; the file then ends with a whole line */
  append(line: string): void;
  close(): void;
}

/**
 * Opens a regular file to append to, and makes it and its folders where they are not there.
 *
 * @param keep bytes of what is there to keep, given its content
 */
function openRegular(path: string, keep: (content: Buffer) => number): LineFile {
  makeFolderSync(dirname(path));
  const file = openSync(path, 'a+');
  let length = keep(readFileSync(path));
  ftruncateSync(file, length);
  return {
    append(line) {
      // One write, so that a killed process leaves whole lines.
      const bytes = Buffer.from(`${line}\n`);
      let written = 0;
      try {
        while (written < bytes.length) written += writeSync(file, bytes, written);
      } catch (error) {
        ftruncateSync(file, length);
        throw error;
      }
      length += bytes.length;
    },
    close: () => closeSync(file),
  };
}

/** Opens a pipe, a terminal or another device, which nothing can be read back from; a reader that is slow is not waited for. */
function openStream(path: string): LineFile {
  const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  let failure: NodeJS.ErrnoException | undefined;
  const writer = new SteadyWriter(fd, { onError: (error) => (failure = error) });
  return {
    append(line) {
      writer.write(`${line}\n`);
      if (failure) throw failure;
    },
    close() {
      writer.settleSync(LAST_WAIT);
      const whole = writer.idle && writer.dropped === 0;
      writer.close();
      closeSync(fd);
      if (!whole) throw Object.assign(new Error('lines are missing'), { code: 'EAGAIN', syscall: 'write' });
    },
  };
}

/** Opens a file, a pipe or a device to append lines to. @see openRegular */
export function openLineFile(path: string, keep: (content: Buffer) => number): LineFile {
  return isStream(path) ? openStream(path) : openRegular(path, keep);
}
