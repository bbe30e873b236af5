// A process, or a worker thread, that starts engines one after the other and computes on each: its parameter is what `startEngines` writes.
// Its last line on stdout is the list of what came of each.
import { readdirSync } from 'node:fs';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs';
import { startWorker } from '../../../src/common/start-worker.js';
import { type EngineOptions, startEngine } from '../../../src/engine/start.js';
import { type StartReply } from './starts.js';

interface Order {
  starts: EngineOptions[];
  inWorker?: boolean;
}

async function startAll(starts: EngineOptions[]): Promise<StartReply[]> {
  const replies: StartReply[] = [];
  for (const options of starts) {
    const reply = await startEngine(options).then(
      (engine) => ({ engine }),
      (error: Error & { code?: string }) => ({ code: error.code ?? 'none', message: error.message }),
    );
    // [[1, 2], [3, 4]] squared, by hand: [[7, 10], [15, 22]].
    const square = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const product = [...tf.matMul(square, square).dataSync()];
    replies.push({ ...reply, backend: tf.getBackend(), product, threads: threadsOfProcess() });
  }
  return replies;
}

/** Linux only; empty elsewhere. */
function threadsOfProcess(): number {
  try {
    return readdirSync('/proc/self/task').length;
  } catch {
    return 0;
  }
}

if (isMainThread) {
  const order = JSON.parse(process.argv[2]!) as Order;
  if (order.inWorker) {
    startWorker(new URL(import.meta.url), order.starts).on('message', (replies) =>
      process.stdout.write(`${JSON.stringify(replies)}\n`),
    );
  } else {
    process.stdout.write(`${JSON.stringify(await startAll(order.starts))}\n`);
  }
} else {
  parentPort!.postMessage(await startAll((workerData as { data: EngineOptions[] }).data));
}
