import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { coordinateSleeping, type SleepingRun } from '../../../bench/queue/coordinate.js';
import { RedisServer } from '../../../bench/queue/redis.js';
import { FolderStore } from '../../../src/pipeline/store/folder-store.js';
import type { Store } from '../../../src/pipeline/store/store.js';
import { parseQueueUrl } from '../../../src/queue/address.js';
import { connect, loadPackages } from '../../../src/queue/connect.js';
import { hasOpenRun } from '../../../src/queue/open-runs.js';
import { runWorker } from '../../../src/queue/worker.js';
import type { WorkerEvent, WorkerOptions } from '../../../src/queue/worker-options.js';
import { moduleUrl } from '../../support/programs.js';
import { requireTool } from '../../support/tools.js';

/** Short, for tests that wait for what takes its time. */
export const TIMES = {
  lock: 2000,
  renew: 300,
  stalled: 700,
  drain: 500,
  elsewhere: 700,
  poll: 500,
  silence: 1500,
  invisible: 2000,
};

/** A worker of this process; its steps run in a process of their own. */
export interface TestWorker {
  name: string;
  events: WorkerEvent[];
  stop(): void;
  /** Number of steps that it did. */
  ended: Promise<number>;
}

/** A Redis server, a store, and workers, as long as a test runs. */
export class Fleet {
  private readonly workers: TestWorker[] = [];
  private readonly aborts: AbortController[] = [];

  private constructor(
    readonly redis: RedisServer,
    readonly folder: string,
  ) {}

  static async start(test: Mocha.Context, options: readonly string[] = []): Promise<Fleet> {
    const program = requireTool(test, 'redis-server');
    return new Fleet(await RedisServer.start(program, options), await mkdtemp(join(tmpdir(), 'gearnn-fleet-')));
  }

  /** @param changes `version` of the program that the worker is */
  worker(name: string, changes: Partial<WorkerOptions> & { version?: number } = {}): TestWorker {
    const stop = new AbortController();
    const events: WorkerEvent[] = [];
    const { version = 1, ...options } = changes;
    const entry = moduleUrl('../../../bench/queue/entry', import.meta.url);
    const ended = runWorker({
      ...{ queue: this.redis.url, name, times: TIMES, signal: stop.signal, store: this.store() },
      process: { entry, parameters: [this.folder, String(version)] },
      onEvent: (event) => events.push(event),
      ...options,
    });
    ended.catch(() => undefined);
    const worker = { name, events, ended, stop: () => stop.abort(new Error('the test says so')) };
    this.workers.push(worker);
    this.aborts.push(stop);
    return worker;
  }

  store(): Store {
    return new FolderStore(this.folder);
  }

  coordinate(run: Pick<SleepingRun, 'written'> & Partial<SleepingRun>) {
    return coordinateSleeping({ queue: this.redis.url, folder: this.folder, times: TIMES, ...run });
  }

  /** Whether a coordinator is at work. */
  async hasOpenRun(): Promise<boolean> {
    const redis = await connect(await loadPackages(), parseQueueUrl(this.redis.url));
    try {
      return await hasOpenRun(redis);
    } finally {
      redis.disconnect();
    }
  }

  async end(): Promise<void> {
    for (const abort of this.aborts) abort.abort(new Error('the test is over'));
    await Promise.allSettled(this.workers.map(({ ended }) => ended));
    await this.redis.end();
    await rm(this.folder, { recursive: true, force: true });
  }
}
