import { Worker } from 'node:worker_threads';
import { fail } from '../common/errors.js';

/**
 * Starts a worker thread on a module, from the sources (`.ts`, which tsx runs) as from the build (`.js`).
 *
 * @param typescript also let the worker import `.ts` modules
 * @throws E_DATA_WORKER if that takes tsx and it is not installed
 */
export function startWorker(entry: URL, workerData: unknown, typescript = entry.pathname.endsWith('.ts')): Worker {
  // Flags are not inherited: a worker refuses some (`--input-type`), and on Node 20 tsx's own does nothing in one.
  const options = { workerData, execArgv: [] };
  if (!typescript) return new Worker(entry, options);
  const [api, module] = [JSON.stringify(findTsx()), JSON.stringify(entry.href)];
  return new Worker(`import(${api}).then((tsx) => { tsx.register(); return import(${module}); })`, {
    ...options,
    eval: true,
  });
}

function findTsx(): string {
  try {
    return import.meta.resolve('tsx/esm/api');
  } catch (cause) {
    fail('E_DATA_WORKER', {
      where: 'worker thread',
      expected: 'tsx, which runs TypeScript modules',
      got: 'no such package',
      todo: 'Install it with `npm install tsx`, or give compiled JavaScript modules.',
      cause,
    });
  }
}
