// A thread that ends its process when the process that made it is gone: the main thread computes, and learns of nothing meanwhile.
import { workerData } from 'node:worker_threads';

/** Milliseconds between two looks; far less than until another worker may go on with the files that this process writes. */
const EVERY = 200;

const { data: parent } = workerData as { data: number };
setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
}, EVERY);
