import { closeSync, openSync } from 'node:fs';
import { isatty } from 'node:tty';
import { isSameFile, SteadyWriter, type Weight } from '../src/common/steady-writer.js';

/** Milliseconds that messages and progress may still take when the work is done; results take as long as their reader does. */
const PATIENCE = 2000;
const STANDARD = [0, 1, 2] as const;
/** Which of the standard streams were terminals at the start. */
const TERMINALS = STANDARD.filter((fd) => isatty(fd));

let writers: { out: SteadyWriter; err: SteadyWriter } | undefined;

/** The two streams; one writer where both lead to the same place, so that what is printed keeps its order. */
function open(): { out: SteadyWriter; err: SteadyWriter } {
  if (writers) return writers;
  for (const stream of [process.stdout, process.stderr]) {
    // Node's own warnings go through these, and the getters keep sockets from blocking; a failure there is nobody's matter.
    stream.on('error', () => {});
  }
  const out = new SteadyWriter(1);
  writers = { out, err: isSameFile(1, 2) ? out : new SteadyWriter(2) };
  return writers;
}

/** Writes to stdout or stderr; never waits, never fails. */
export function writeTo(stream: 'out' | 'err', text: string, weight: Weight): void {
  open()[stream].write(text, weight);
}

/** Waits for the readers. @returns what results could not be written for, if so */
export async function settleStreams(): Promise<NodeJS.ErrnoException | undefined> {
  if (!writers) return undefined;
  const { out, err } = writers;
  await Promise.all([out.settle(PATIENCE), err.settle(PATIENCE)]);
  return out.resultError;
}

/** A terminal for a bar: it looks like stderr, and drawing never waits. */
export function barStream(): NodeJS.WritableStream {
  const write = (text: string | Uint8Array, ...rest: unknown[]): boolean => {
    writeTo('err', text.toString(), 'progress');
    const done = rest.at(-1);
    if (typeof done === 'function') (done as () => void)();
    return true;
  };
  return Object.create(process.stderr, { write: { value: write } }) as NodeJS.WritableStream;
}

/**
 * Node restores its terminals' settings when it exits, and aborts where one of them is gone. Such a one is replaced by a file that
 * takes everything.
 */
export function releaseTerminals(): void {
  for (const fd of TERMINALS) {
    if (isatty(fd)) continue;
    try {
      closeSync(fd);
      // The lowest number that is free, which is this one.
      openSync('/dev/null', 'r+');
    } catch {
      // Closed already: Node leaves it alone too.
    }
  }
}
