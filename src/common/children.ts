import type { ChildProcess } from 'node:child_process';

/**
 * Ends a child process, with `SIGKILL`, when this one exits before it: what a command has started does not outlive the command.
 *
 * @param group the child leads a process group (`detached`), which ends as a whole
 */
export function endWithParent(child: ChildProcess, { group = false }: { group?: boolean } = {}): void {
  const end = (): void => {
    try {
      if (group && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      else child.kill('SIGKILL');
    } catch {
      // It ended meanwhile.
    }
  };
  process.on('exit', end);
  const forget = (): void => void process.off('exit', end);
  child.once('close', forget);
  child.once('error', forget);
}

/** Ends a child process with `SIGKILL` and waits until it is gone; one that has ended already is fine. */
export async function endNow(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  // Not 'close', which waits for whoever else holds its output.
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

/** `ended by SIGSEGV`, `ended with status 1` */
export function howEnded(status: number | null, signal: NodeJS.Signals | null): string {
  return signal ? `ended by ${signal}` : `ended with status ${status}`;
}
