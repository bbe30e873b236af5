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

/** What a round draws from. */
const DRAWN = ['kill worker', 'stop worker', 'freeze worker', 'kill coordinator', 'second coordinator', 'kill Redis', 'fill store'] as const; // prettier-ignore
/** A worker at a step stands still, with the times that workers have: long enough that another one gets the job (45 s) and then the lease (30 s). */
const LONG_FREEZE = 'freeze worker for 90 s';
/** What may happen in a round. */
export const FAULTS = [...DRAWN, LONG_FREEZE] as const;
export type Fault = (typeof FAULTS)[number];

export interface ChaosRound {
  seed: number;
  seconds: number;
  /** In the order in which they happened; the clocks of all workers jump in every round. */
  faults: { fault: Fault; /** From the round's begin. */ seconds: number; note?: string }[];
  /** Times that a coordinator ended with failed steps, of a full store, and was started again. */
  failures: number;
  /** What is wrong; empty where all is as it has to be. */
  problems: string[];
  /** The numbers are those of a run alone. */
  equal: boolean;
  /** Results that two writers have published, and files that are not whole; among the problems. */
  twice: number;
  half: number;
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
/** Every so many rounds a worker is frozen for so many milliseconds, and then has so many to say what it makes of it. */
const LONG_EVERY = 10;
const FROZEN = 90_000;
const ANSWER = 15_000;
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
    const difference = differenceOf(expected, outputs);
    const equal = difference === undefined;
    if (!equal) problems.push(`the numbers are not those of a run alone: ${difference}`);
    const { half, missing, ...found } = await work.check(store);
    const twice = [...found.twice, ...publishedTwice(round.all)];
    problems.push(...twice, ...half, ...missing);
    const { faults, failures } = round;
    return { seed, seconds, faults, failures, problems, equal, twice: twice.length, half: half.length };
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
  readonly faults: ChaosRound['faults'] = [];
  failures = 0;
  readonly all: Running[] = [];
  private workers: Running[] = [];
  private coordinators: Running[] = [];
  /** What is to be done before the round ends, such as starting again what was killed. */
  private readonly mending: Promise<void>[] = [];
  private readonly begun = performance.now();
  private over = false;
  /** Workers that a fault ends and starts again. */
  private readonly leaving = new Set<Running>();
  /** That nothing else happens to; where there is to be one, it is before all else. */
  private frozen: Running | undefined;
  private readonly times: Partial<QueueTimes>;

  constructor(
    private readonly random: Random,
    private readonly options: RoundOptions,
  ) {
    this.times = this.isLong ? {} : TIMES;
  }

  private get isLong(): boolean {
    return this.options.seed % LONG_EVERY === 0;
  }

  /** Whether a worker has been at a step. */
  private get hasBegun(): boolean {
    return this.all.some(({ stdout }) => stdout !== '');
  }

  /** @returns what went wrong */
  async run(): Promise<string[]> {
    this.workers = Array.from({ length: WORKERS }, () => this.startWorker());
    this.coordinators = [this.startCoordinator()];
    if (this.isLong) this.mending.push(this.freezeForLong());
    const deadline = performance.now() + 1000 * LONGEST;
    let next = this.pause();
    while (performance.now() < deadline) {
      const ended = this.coordinators.find(({ isRunning }) => !isRunning);
      if (ended?.process.exitCode === 0) {
        this.over = true;
        await Promise.all(this.mending);
        // A second one has to come to its end as well.
        await Promise.all(this.coordinators.map((other) => Promise.race([other.ended, sleep(20_000)])));
        const late = this.coordinators.filter(({ isRunning }) => isRunning).length;
        return late > 0 ? ['another coordinator did not end'] : [];
      }
      if (ended) this.startAgain(ended);
      this.superviseWorkers();
      // Of a machine that takes long to start three workers most would happen before there is anything to disturb.
      const waits = this.isLong ? !this.frozen : this.faults.length > 0 && !this.hasBegun;
      if (!waits && performance.now() > next && this.faults.length < this.options.most) {
        void this.fault();
        next = this.pause();
      }
      await sleep(20);
    }
    return [`no end after ${LONGEST} s`, ...this.all.map(({ stderr }) => stderr).filter((text) => text !== '')];
  }

  async end(): Promise<void> {
    this.over = true;
    await Promise.all(this.mending);
    await Promise.all(this.all.map((running) => running.end('SIGKILL')));
  }

  /** As a user does after a failure: the store was full. */
  private startAgain(ended: Running): void {
    this.failures++;
    this.coordinators = [...this.coordinators.filter((other) => other !== ended), this.startCoordinator()];
  }

  /** As Slurm, Compose and Kubernetes do: a worker that finds no Redis when it starts ends by itself. */
  private superviseWorkers(): void {
    this.workers.forEach((worker, i) => {
      if (!worker.isRunning && !this.leaving.has(worker)) this.workers[i] = this.startWorker();
    });
  }

  /** Stops a worker once it is at a step; another one takes the step over meanwhile, and this one finds out. */
  private async freezeForLong(): Promise<void> {
    let worker: Running | undefined;
    while (!worker && !this.over) {
      await sleep(20);
      worker = this.workers.find((own) => own.isRunning && isAtStep(own));
    }
    if (!worker) return;
    this.frozen = worker;
    const thaw = worker.freeze(this.random.next() < 0.5);
    const fault = this.note(LONG_FREEZE);
    const before = eventsOf(worker);
    await sleep(FROZEN);
    thaw();
    const patience = performance.now() + ANSWER;
    while (eventsOf(worker).length === before.length && performance.now() < patience) await sleep(20);
    const [answer] = eventsOf(worker).slice(before.length);
    fault.note = `at "${before.at(-1)!.step}", then: ${answer ? [answer.event, answer.why].filter(Boolean).join(', ') : 'silent'}`;
  }

  private note(fault: Fault): ChaosRound['faults'][number] {
    const noted = { fault, seconds: (performance.now() - this.begun) / 1000 };
    this.faults.push(noted);
    return noted;
  }

  private async fault(): Promise<void> {
    const possible = DRAWN.filter((fault) => fault !== 'fill store' || this.options.disk);
    const fault = possible[this.random.integer(possible.length)]!;
    const pause = 100 + 1500 * this.random.next();
    const [index, whole] = [this.random.integer(this.workers.length), this.random.next() < 0.5];
    const worker = this.workers[index]!;
    // Whoever is frozen for long is let alone.
    if (worker === this.frozen && fault.endsWith('worker')) return;
    this.note(fault);
    const { redis, disk } = this.options;
    const mend = async (): Promise<void> => {
      switch (fault) {
        case 'kill worker':
        case 'stop worker':
          this.leaving.add(worker);
          await worker.end(fault === 'kill worker' ? 'SIGKILL' : 'SIGTERM');
          await sleep(pause);
          this.workers[index] = this.startWorker();
          return;
        case 'freeze worker': {
          const thaw = worker.freeze(whole);
          await sleep(2 * TIMES.lock! + pause);
          thaw();
          // What it was about to write.
          await sleep(pause);
          return;
        }
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
    const told = { ...this.times, ...work.worker, clock: seed + this.all.length };
    return this.start('worker', [redis.url, store, name, JSON.stringify(told)]);
  }

  private startCoordinator(): Running {
    const { redis, store, place, work } = this.options;
    const paths = [join(place, 'input.json'), join(place, 'out.json')];
    return this.start(work.coordinator, [redis.url, store, ...paths, JSON.stringify(this.times)]);
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

/** Where two values of JSON first differ, the order of names aside, and what each has there. */
export function differenceOf(a: unknown, b: unknown, path = ''): string | undefined {
  const isOpen = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
  if (isOpen(a) && isOpen(b)) {
    const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    for (const name of names) {
      const found = differenceOf(a[name], b[name], `${path}/${name}`);
      if (found !== undefined) return found;
    }
    return Array.isArray(a) === Array.isArray(b) ? undefined : `${path || '/'} is a list in one of both`;
  }
  if (a === b) return undefined;
  const text = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 200));
  return `${path || '/'} is ${text(a)} alone, ${text(b)} here`;
}

/** What a worker has said of steps. */
function eventsOf({ stdout }: Running): { step: string; event: string; why?: string }[] {
  const lines = stdout.split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as { step: string; event: string; why?: string });
}

function isAtStep(worker: Running): boolean {
  return ['begins', 'goes on'].includes(eventsOf(worker).at(-1)?.event ?? '');
}

/** Steps that two workers say they have published. */
function publishedTwice(workers: readonly Running[]): string[] {
  const done = workers.flatMap(eventsOf).flatMap(({ step, event }) => (event === 'done' ? [step] : []));
  return done.filter((step, i) => done.indexOf(step) < i).map((step) => `two workers published "${step}"`);
}
