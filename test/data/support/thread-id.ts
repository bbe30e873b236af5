import { threadId } from 'node:worker_threads';
import { serveTasks } from '../../../src/data/serve-tasks.js';

// Answers with the thread that it is, and with what the pool was opened for; the task 'never' gets no answer.
serveTasks<string, string, { thread: number; data: string }>(async (data) => async (task) => {
  if (task === 'never') await new Promise(() => {});
  return { result: { thread: threadId, data }, transfer: [] };
});
