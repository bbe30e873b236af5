import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { namingSync } from '../common/system-error.js';
import type { Part } from './graph-def.js';

/** Weights are fetched and written one after the other, so that only one is in memory beside the engine's; `durable`: until the disk has them. */
export function writeParts(path: string, parts: readonly Part[], { durable = false } = {}): void {
  const file = openSync(path, 'wx');
  namingSync(path, () => {
    try {
      for (const run of runsOf(parts)) {
        for (let done = 0; done < run.length;) done += writeSync(file, run, done);
      }
      if (durable) fsyncSync(file);
    } finally {
      closeSync(file);
    }
  });
}

/** Small pieces together, as a call of the system for each would take longer than the writing. */
function* runsOf(parts: readonly Part[]): Generator<Uint8Array> {
  let small: Uint8Array[] = [];
  let length = 0;
  for (const part of parts) {
    const bytes = typeof part === 'function' ? part() : part;
    small.push(bytes);
    length += bytes.length;
    if (length < 2 ** 20) continue;
    yield Buffer.concat(small);
    [small, length] = [[], 0];
  }
  yield Buffer.concat(small);
}
