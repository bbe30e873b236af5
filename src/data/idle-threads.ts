import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { startWorker } from '../common/start-worker.js';

/** Threads without work, by the module that they run. To start one and load its modules takes half a second of a core. */
const idle = new Map<string, Worker[]>();

/** Milliseconds that a thread has to come to an end by itself. */
const PATIENCE = 2000;

/**
 * A thread whose module calls `serveTasks`: an idle one, or a new one. It does not keep the process alive.
 *
 * @param data what `serveTasks` prepares for
 */
export function takeThread(entry: URL, data: unknown): Worker {
  const worker = idle.get(entry.href)?.pop() ?? startWorker(entry, undefined);
  worker.removeAllListeners();
  worker.unref();
  worker.postMessage({ open: data });
  return worker;
}

/**
 * Takes back a thread that has nothing to do, for whoever comes next; ends it where enough are idle.
 *
 * @param worker lets go of what it prepared
 */
export async function giveThread(entry: URL, worker: Worker): Promise<void> {
  const others = idle.get(entry.href) ?? [];
  idle.set(entry.href, others);
  worker.removeAllListeners();
  if (others.length >= availableParallelism()) {
    await endThread(worker);
    return;
  }
  others.push(worker);
  const leave = (): void => {
    if (others.includes(worker)) others.splice(others.indexOf(worker), 1);
  };
  worker.on('error', leave).on('exit', leave);
  worker.unref();
  worker.postMessage({ close: true });
}

/** Ends a thread when nothing is under way in it any more: a native call of FFmpeg whose thread is gone when it returns ends the process. */
export async function endThread(worker: Worker): Promise<void> {
  if (worker.threadId === -1) return;
  const exit = new Promise((resolve) => worker.once('exit', resolve));
  worker.postMessage({ end: true });
  const timer = setTimeout(() => void worker.terminate(), PATIENCE);
  await exit;
  clearTimeout(timer);
}
