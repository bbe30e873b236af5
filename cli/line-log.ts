import { constants } from 'node:fs';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { naming } from '../src/common/system-error.js';
import { isStream, SteadyWriter } from '../src/common/steady-writer.js';

/** Where the lines of a result go, one after the other. */
export interface LineLog {
  write(line: string): Promise<void>;
}

/** The reader of a result has left: a quiet end, as of `| head`. */
export class ReaderLeft extends Error {}

/** Milliseconds between two looks whether somebody reads a named pipe. */
const LOOK = 50;

/**
 * Calls `work` with the log at `path`, if there is one: a file, made with its folders, or a pipe such as `/dev/stdout`, whose reader
 * may be slow and may not yet be there.
 *
 * @throws ReaderLeft from `write` when the pipe's reader leaves; the signal's reason where it waits for a reader
 */
export async function withLineLog<T>(
  path: string | undefined,
  signal: AbortSignal,
  work: (log: LineLog | undefined) => Promise<T>,
): Promise<T> {
  if (path === undefined) return work(undefined);
  if (isStream(path)) return withStream(path, signal, work);
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'w');
  try {
    return await work({ write: (line) => naming(path, () => file.writeFile(line)) });
  } finally {
    await file.close();
  }
}

/** Nothing here waits in a thread of its own, where a reader that never reads would keep the process from ending. */
async function withStream<T>(path: string, signal: AbortSignal, work: (log: LineLog) => Promise<T>): Promise<T> {
  const file = await openStream(path, signal);
  const writer = new SteadyWriter(file.fd);
  const write = async (line: string): Promise<void> => {
    writer.write(line, 'result');
    await writer.settle(0, signal);
    const { resultError } = writer;
    if (resultError?.code === 'EPIPE') throw new ReaderLeft();
    if (resultError) throw Object.assign(resultError, { path });
  };
  try {
    return await work({ write });
  } finally {
    writer.close();
    await file.close();
  }
}

async function openStream(path: string, signal: AbortSignal): Promise<FileHandle> {
  for (;;) {
    try {
      return await open(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error;
    }
    await sleep(LOOK, undefined, { signal });
  }
}
