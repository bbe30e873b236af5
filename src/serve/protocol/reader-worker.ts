// The thread that reads large inference requests; reader.ts starts it.
import type { TransferListItem } from 'node:worker_threads';
import { serveTasks } from '../../data/serve-tasks.js';
import type { ReadTask } from './reader.js';
import { type InferRequest, readInferRequest } from './request.js';

serveTasks<undefined, ReadTask, InferRequest>(async () => async ({ body, headerLength, pixels }) => {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  const result = readInferRequest(bytes, headerLength, pixels);
  const { buffer, byteLength } = result.frame instanceof Uint8Array ? result.frame : result.frame.data;
  // Memory that holds more than the pixels stays here, and they are copied.
  return { result, transfer: byteLength === buffer.byteLength ? [buffer as TransferListItem] : [] };
});
