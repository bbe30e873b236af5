import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { siblingModule } from '../../src/common/sibling-module.js';
import { coordinateSleeping } from './coordinate.js';
import { RedisServer } from './redis.js';
import { levelsGraph } from './sleeping.js';

/** What some workers took for a graph of sleeping steps. */
export interface QueueRow {
  workers: number;
  steps: number;
  /** Of each step. */
  sleep: number;
  /** From the first step's begin to the last one's end. */
  seconds: number;
  /** Share of the workers' time that steps took, 0..1. */
  busy: number;
  /** Milliseconds of the workers' time per step beyond its work. */
  overhead: number;
}

/** Runs a graph of sleeping steps by each number of workers, all processes on this machine. */
export async function benchQueue(options: {
  steps: number;
  sleep: number;
  workers: readonly number[];
  note?: (row: QueueRow) => void;
}): Promise<QueueRow[]> {
  const rows: QueueRow[] = [];
  for (const workers of options.workers) {
    const row = await measure(workers, options);
    options.note?.(row);
    rows.push(row);
  }
  return rows;
}

async function measure(count: number, { steps, sleep }: { steps: number; sleep: number }): Promise<QueueRow> {
  const redis = await RedisServer.start();
  const folder = await mkdtemp(join(tmpdir(), 'gearnn-queue-'));
  const workers = Array.from({ length: count }, (_, i) => startWorker(redis.url, folder, `worker-${i + 1}`));
  try {
    await warmUp(redis.url, folder, count);
    const begun: number[] = [];
    let end = 0;
    await coordinateSleeping({
      ...{ queue: redis.url, folder, written: levelsGraph(steps, sleep) },
      onStep: ({ event }) => {
        if (event === 'run') begun.push(performance.now());
        if (event === 'done') end = performance.now();
      },
    });
    const seconds = (end - begun[0]!) / 1000;
    const work = steps * sleep;
    const overhead = (1000 * (count * seconds - work)) / steps;
    return { workers: count, steps, sleep, seconds, busy: work / (count * seconds), overhead };
  } finally {
    for (const worker of workers) await end(worker);
    await redis.end();
    await rm(folder, { recursive: true, force: true });
  }
}

function startWorker(queue: string, folder: string, name: string): ChildProcess {
  const program = fileURLToPath(siblingModule(import.meta.url, 'worker'));
  return spawn(process.execPath, [...process.execArgv, program, queue, folder, name], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** Gives steps out until every worker has started the process that computes. */
async function warmUp(queue: string, folder: string, count: number): Promise<void> {
  const seen = new Set<string | undefined>();
  for (let round = 0; seen.size < count; round++) {
    const written = Array.from({ length: 2 * count }, (_, i) => ({
      ...{ id: `warm-up ${round} ${i}`, kind: 'base', seconds: 1, inputs: [] },
    }));
    await coordinateSleeping({
      ...{ queue, folder, written },
      onStep: ({ event, worker }) => event === 'done' && seen.add(worker),
    });
  }
}

async function end(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  const ended = once(worker, 'exit');
  worker.kill('SIGTERM');
  await ended;
}
