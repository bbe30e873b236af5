import { parentPort, type TransferListItem } from 'node:worker_threads';
import { packError } from '../common/wire.js';

export interface Answer<Result> {
  result: Result;
  /** Buffers in `result` that move to the other thread instead of being copied. */
  transfer: TransferListItem[];
}

/**
 * The worker's side of a `WorkerPool`: answers each task with its result or its error.
 *
 * @param prepare makes the function that answers, once; if it fails, every task fails with that error
 */
export function serveTasks<Task, Result>(prepare: () => Promise<(task: Task) => Promise<Answer<Result>>>): void {
  const prepared = prepare();
  // Each task reports it; without this, a failure before the first task would end the thread.
  prepared.catch(() => {});
  parentPort!.on('message', async ({ id, task }: { id: number; task: Task }) => {
    try {
      const { result, transfer } = await (await prepared)(task);
      parentPort!.postMessage({ task: id, result }, transfer);
    } catch (error) {
      parentPort!.postMessage({ task: id, error: packError(error) });
    }
  });
}
