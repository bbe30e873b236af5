import type { ChildProcess } from 'node:child_process';

/**
 * Ends a child with this process, however that ends but by SIGKILL. A child notices the end by itself only when it comes to its event
 * loop, and a forward pass may keep it from there for long.
 */
export function endWithThisProcess(child: ChildProcess): void {
  const end = (): void => void child.kill('SIGKILL');
  process.on('exit', end);
  child.once('exit', () => process.off('exit', end));
}
