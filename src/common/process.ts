import { readText } from './text-file.js';

/** Whether a process of this machine runs, another user's included. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * When a process of this machine began, in the clock ticks of `/proc/PID/stat` since the machine did (proc(5), field 22); undefined where
 * the system has no such file, or no such process.
 */
export async function startOf(pid: number): Promise<string | undefined> {
  const text = await readText(`/proc/${pid}/stat`).catch(() => undefined);
  // The second field, the program's name in brackets, may hold spaces and brackets itself.
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19];
}
