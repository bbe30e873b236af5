import { Worker } from 'node:worker_threads';

/**
 * Starts a worker thread on a module of this package: compiled JavaScript, or in a checkout the TypeScript source, which tsx
 * runs. The worker finds `data` under `workerData.data`.
 */
export function startWorker(entry: URL, data: unknown): Worker {
  const first = entry.pathname.endsWith('.ts') ? new URL('./run-typescript.mjs', import.meta.url) : entry;
  // Flags are not inherited: a worker refuses some (`--input-type`), and on Node 20 tsx's own does nothing in one.
  return new Worker(first, { workerData: { entry: entry.href, data }, execArgv: [] });
}
