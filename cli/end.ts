import { spawn } from 'node:child_process';
import { releaseTerminals } from './streams.js';

/** Seconds that the end of the process may take. */
const PATIENCE = 2;
/** Ends its parent in that time; the pipe on its stdin ends with the parent, and then so does this. */
const REAPER = `(sleep ${PATIENCE}; kill -KILL "$0") >/dev/null 2>&1 & sleeper=$!; read _; kill "$sleeper"`;

/** To be called once: what has to happen however the process ends. */
export function prepareEnd(): void {
  process.on('exit', releaseTerminals);
}

/**
 * Ends the process in seconds, whatever its threads do: Node waits at its exit for those that are in the middle of something native,
 * and for writes to a pipe that nobody reads for ever.
 */
export function endNow(code: number): never {
  if (process.platform !== 'win32') {
    const reaper = spawn('/bin/sh', ['-c', REAPER, String(process.pid)], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    // Without a shell the process ends as Node has it.
    reaper.on('error', () => {});
    reaper.unref();
  }
  process.exit(code);
}
