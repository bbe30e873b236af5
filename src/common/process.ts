import { readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
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

/** What tells a process from all others, on this machine and elsewhere. */
export interface ProcessName {
  host: string;
  /** Of the process ids: containers count their own. Empty where the system does not tell. */
  space: string;
  pid: number;
  /** As of {@link startOf}. */
  started?: string;
}

/** The name of this process. */
export async function thisProcess(): Promise<ProcessName> {
  return { host: hostname(), space: await ownSpace(), pid: process.pid, started: await startOf(process.pid) };
}

/** Whether a process has certainly ended: only of those of this machine that can be known. */
export async function isGone({ host, space, pid, started }: ProcessName): Promise<boolean> {
  if (host !== hostname() || space !== (await ownSpace())) return false;
  // Another process may have been given its id since.
  return !isRunning(pid) || (started !== undefined && started !== (await startOf(pid)));
}

/** @source Linux, namespaces(7): `/proc/PID/ns/pid` */
function ownSpace(): Promise<string> {
  return readlink('/proc/self/ns/pid').catch(() => '');
}
