import { parentPort, type TransferListItem } from 'node:worker_threads';
import { packError } from '../common/wire.js';

export interface Answer<Result> {
  result: Result;
  /** Buffers in `result` that move to the other thread instead of being copied. */
  transfer: TransferListItem[];
}

/** What the pool's side sends: what to prepare for, a task, that what was prepared is not needed any more, or that nothing more will come. */
type Message<Data, Task> = { open: Data } | { id: number; task: Task } | { close: true } | { end: true };

/**
 * The worker's side of a `WorkerPool`: answers each task with its result or its error.
 *
 * @param prepare makes the function that answers, once for each pool that the thread works for; if it fails, every task fails with
 *   that error
 */
export function serveTasks<Data, Task, Result>(
  prepare: (data: Data) => Promise<(task: Task) => Promise<Answer<Result>>>,
): void {
  let prepared: ReturnType<typeof prepare> | undefined;
  parentPort!.on('message', (message: Message<Data, Task>) => {
    if ('open' in message) {
      prepared = prepare(message.open);
      // Each task reports it; without this, a failure before the first task would end the thread.
      prepared.catch(() => {});
      return;
    }
    if ('close' in message) {
      prepared = undefined;
      return;
    }
    // The thread ends by itself when all that it began is through.
    if ('end' in message) return parentPort!.close();
    void answer(message, prepared!);
  });
}

async function answer<Task, Result>(
  { id, task }: { id: number; task: Task },
  prepared: Promise<(task: Task) => Promise<Answer<Result>>>,
): Promise<void> {
  try {
    const { result, transfer } = await (await prepared)(task);
    parentPort!.postMessage({ task: id, result }, transfer);
  } catch (error) {
    parentPort!.postMessage({ task: id, error: packError(error) });
  }
}
