// How a worker thread of a checkout begins; the build has no use for it. JavaScript, as nothing runs TypeScript before it.
import { workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
await import(workerData.entry);
