import type { RunLog } from './run-log.js';

/** What a full disk, a broken one and a reader that left come as: faults that a right path meets, too. */
const UNLUCKY = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO', 'EPIPE', 'ENXIO', 'ESTALE']);

/**
 * A log that no training ends for: when it cannot be written, it stops, and the training goes on.
 *
 * @param onStop called once, with what it stopped at
 * @returns a log whose `begin` throws for a path that is wrong, and whose other calls never throw
 */
export function steadyLog(log: RunLog, onStop: (error: NodeJS.ErrnoException) => void): RunLog {
  let stopped = false;
  const attempt = (act: () => void, isBearable: (error: NodeJS.ErrnoException) => boolean): void => {
    if (stopped) return;
    try {
      act();
    } catch (error) {
      if (!isBearable(error as NodeJS.ErrnoException)) throw error;
      stopped = true;
      onStop(error as NodeJS.ErrnoException);
    }
  };
  const isOfSystem = ({ syscall }: NodeJS.ErrnoException): boolean => syscall !== undefined;
  return {
    begin: (step, epochs) =>
      attempt(
        () => log.begin(step, epochs),
        ({ code = '' }) => UNLUCKY.has(code),
      ),
    step: (record) => attempt(() => log.step(record), isOfSystem),
    epoch: (record, step) => attempt(() => log.epoch(record, step), isOfSystem),
    close() {
      try {
        log.close();
      } catch (error) {
        // Network file systems report here what they could not write.
        if (!stopped) onStop(error as NodeJS.ErrnoException);
      }
      stopped = true;
    },
  };
}
