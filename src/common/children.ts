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
