import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../src/common/random.js';
import type { QueueTimes } from '../../src/queue/job.js';
import type { ChaosWork } from './chaos-work.js';
import { mountMemoryDisk, type MemoryDisk } from './memory-disk.js';
import { Running } from './processes.js';
import { RedisServer } from './redis.js';

/** What happens to a round, and how often it did. */
export const FAULTS = ['kill worker', 'stop worker', 'freeze worker', 'kill coordinator', 'second coordinator', 'kill Redis', 'fill store'] as const; // prettier-ignore
export type Fault = (typeof FAULTS)[number];

export interface ChaosRound {
  seed: number;
  seconds: number;
  faults: Fault[];
  /** Times that a coordinator ended with failed steps, of a full store, and was started again. */
  failures: number;
  /** What is wrong; empty where all is as it has to be. */
  problems: string[];
}

export interface ChaosOptions {
  work: ChaosWork;
  /** Faults at most. */
  most: number;
  /** Program of the server. */
  redis?: string;
}

/** Short, so that a round meets many of their ends. */
const TIMES: Partial<QueueTimes> = {
  ...{ lock: 3000, renew: 500, stalled: 1000, drain: 1000, elsewhere: 1000, poll: 1000 },
};
const WORKERS = 3;
/** Seconds after which a round has failed. */
const LONGEST = 300;

/**
 * A graph of steps by three workers whose clocks jump, while workers, coordinator and Redis are killed, frozen and started again and
 * the store fills up, at moments that the seed decides. Linux with root fills a file system in memory; elsewhere the store does not fill.
 */
export async function chaosRound(seed: number, { work, ...options }: ChaosOptions): Promise<ChaosRound> {
  const place = await mkdtemp(join(tmpdir(), 'gearnn-chaos-'));
  const store = join(place, 'store');
  await mkdir(store);
  const disk = mountMemoryDisk(store, work.diskSize);
  const expected = await work.alone();
  const redis = await RedisServer.start(options.redis);
  const round = new Round(Random.of(seed, 'chaos'), { place, store, redis, disk, seed, work, most: options.most });
  try {
    await writeFile(join(place, 'input.json'), JSON.stringify(work.input));
    const start = performance.now();
    const problems = await round.run();
    const seconds = (performance.now() - start) / 1000;
    const outputs: unknown = JSON.parse(await readFile(join(place, 'out.json'), 'utf8').catch(() => 'null'));
    if (JSON.stringify(outputs) !== JSON.stringify(expected)) problems.push('the numbers are not those of a run alone');
    problems.push(...(await work.check(store)), ...twice(round.said()));
    return { seed, seconds, faults: round.faults, failures: round.failures, problems };
  } finally {
    await round.end();
    await redis.end();
    disk?.unmount();
    await rm(place, { recursive: true, force: true });
  }
}

interface RoundOptions {
  place: string;
  store: string;
  redis: RedisServer;
  /** The store's; undefined where it cannot be filled. */
  disk: MemoryDisk | undefined;
  seed: number;
  work: ChaosWork;
  most: number;
}

class Round {
  readonly faults: Fault[] = [];
  failures = 0;
  private readonly all: Running[] = [];
  private workers: Running[] = [];
  private coordinators: Running[] = [];
  /** What is to be done before the next fault, such as starting again what was killed. */
  private readonly mending: Promise<void>[] = [];

  constructor(
    private readonly random: Random,
    private readonly options: RoundOptions,
  ) {}

  /** @returns what went wrong */
  async run(): Promise<string[]> {
    this.workers = Array.from({ length: WORKERS }, () => this.startWorker());
    this.coordinators = [this.startCoordinator()];
    const deadline = performance.now() + 1000 * LONGEST;
    let next = this.pause();
    while (performance.now() < deadline) {
      const ended = this.coordinators.find(({ isRunning }) => !isRunning);
      if (ended?.process.exitCode === 0) {
        await Promise.all(this.mending);
        // A second one has to come to its end as well.
        await Promise.all(this.coordinators.map((other) => Promise.race([other.ended, sleep(20_000)])));
        const late = this.coordinators.filter(({ isRunning }) => isRunning).length;
        return late > 0 ? ['another coordinator did not end'] : [];
      }
      if (ended) this.startAgain(ended);
      if (performance.now() > next && this.faults.length < this.options.most) {
        void this.fault();
        next = this.pause();
      }
      await sleep(20);
    }
    return [`no end after ${LONGEST} s`, ...this.all.map(({ stderr }) => stderr).filter((text) => text !== '')];
  }

  async end(): Promise<void> {
    await Promise.all(this.mending);
    await Promise.all(this.all.map((running) => running.end('SIGKILL')));
  }

  /** What workers said. */
  said(): string[] {
    return this.all.flatMap(({ stdout }) => stdout.split('\n').filter((line) => line !== ''));
  }

  /** As a user does after a failure: the store was full. */
  private startAgain(ended: Running): void {
    this.failures++;
    this.coordinators = [...this.coordinators.filter((other) => other !== ended), this.startCoordinator()];
  }

  private async fault(): Promise<void> {
    const possible = FAULTS.filter((fault) => fault !== 'fill store' || this.options.disk);
    const fault = possible[this.random.integer(possible.length)]!;
    this.faults.push(fault);
    const pause = 100 + 1500 * this.random.next();
    const index = this.random.integer(this.workers.length);
    const worker = this.workers[index]!;
    const { redis, disk } = this.options;
    const mend = async (): Promise<void> => {
      switch (fault) {
        case 'kill worker':
        case 'stop worker':
          await worker.end(fault === 'kill worker' ? 'SIGKILL' : 'SIGTERM');
          await sleep(pause);
          this.workers[index] = this.startWorker();
          return;
        case 'freeze worker':
          worker.process.kill('SIGSTOP');
          await sleep(2 * TIMES.lock! + pause);
          worker.process.kill('SIGCONT');
          return;
        case 'kill coordinator': {
          const [first] = this.coordinators;
          this.coordinators = this.coordinators.slice(1);
          await first!.end('SIGKILL');
          this.coordinators = [this.startCoordinator(), ...this.coordinators];
          return;
        }
        case 'second coordinator':
          this.coordinators = [...this.coordinators, this.startCoordinator()];
          return;
        case 'kill Redis':
          await redis.kill();
          await sleep(pause);
          await redis.begin();
          return;
        case 'fill store':
          disk!.fill();
          await sleep(pause);
          await disk!.empty();
      }
    };
    const mended = mend();
    this.mending.push(mended);
    await mended;
  }

  private startWorker(): Running {
    const { redis, store, seed, work } = this.options;
    const name = `worker-${this.all.length}`;
    const told = { ...TIMES, ...work.worker, clock: seed + this.all.length };
    return this.start('worker', [redis.url, store, name, JSON.stringify(told)]);
  }

  private startCoordinator(): Running {
    const { redis, store, place, work } = this.options;
    const paths = [join(place, 'input.json'), join(place, 'out.json')];
    return this.start(work.coordinator, [redis.url, store, ...paths, JSON.stringify(TIMES)]);
  }

  private start(name: string, parameters: string[]): Running {
    const running = new Running(name, parameters);
    this.all.push(running);
    return running;
  }

  /** When the next fault comes. */
  private pause(): number {
    return performance.now() + 300 + 2500 * this.random.next();
  }
}

/** Steps that two workers say they have published. */
function twice(lines: readonly string[]): string[] {
  const done = lines
    .map((line) => JSON.parse(line) as { step?: string; event?: string })
    .flatMap(({ step, event }) => (event === 'done' ? [step!] : []));
  return done.filter((step, i) => done.indexOf(step) < i).map((step) => `two workers published "${step}"`);
}
