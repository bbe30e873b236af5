import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { endNow, endWithParent } from '../../src/common/children.js';
import { packageRoot } from '../../src/common/package-root.js';
import { readRecord } from '../../src/pipeline/record.js';
import { timedSteps } from './experiments.js';
import { RedisServer } from './redis.js';
import { schedule } from './schedule.js';
import { withoutTimes } from './without-times.js';

/** What an experiment took, alone or by workers of one thread each. */
export interface ExperimentRow {
  /** 0: without a queue. */
  workers: number;
  steps: number;
  /** From the first step's begin to the last one's end. */
  seconds: number;
  /** Of all steps together, each measured where it ran: they slow each other down where workers are more than cores. */
  work: number;
  /** Share of the workers' time that steps took, 0..1. */
  busy: number;
  /** How many times as fast as one worker, by the number of workers; NaN where one was not measured. */
  efficiency: number;
  /** Milliseconds per step beyond what a queue that costs nothing would take for steps of these times in this graph. */
  overhead: number;
  /** Its results.json is that of the run without a queue, but for times. */
  equal: boolean;
}

/**
 * An experiment without a queue, and then by each number of workers on this machine, over a Redis of its own.
 *
 * @param config whose base is a checkpoint
 */
export async function benchExperiment(options: {
  config: string;
  workers: readonly number[];
  note?: (row: ExperimentRow) => void;
}): Promise<ExperimentRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'gearnn-queue-experiment-'));
  try {
    const rows: ExperimentRow[] = [];
    let alone: string | undefined;
    for (const workers of [0, ...options.workers]) {
      const place = join(folder, String(workers));
      await (workers === 0 ? run(options.config, place) : runBy(workers, options.config, place));
      const results = await resultsIn(place);
      alone ??= results;
      const figures = { ...(await measured(place, workers)), efficiency: NaN, equal: results === alone };
      const [one] = [...rows, figures].filter((row) => row.workers === 1);
      const row = { ...figures, efficiency: one && workers > 0 ? one.seconds / (workers * figures.seconds) : NaN };
      options.note?.(row);
      rows.push(row);
    }
    return rows;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runBy(count: number, config: string, place: string): Promise<void> {
  const redis = await RedisServer.start();
  const queue = ['--queue', redis.url, '--store', join(place, 'store')];
  const workers = Array.from({ length: count }, () => gearnn(['worker', ...queue, '--threads', '1']));
  try {
    await run(config, place, queue);
  } finally {
    await Promise.all(workers.map(endNow));
    await redis.end();
  }
}

async function run(config: string, place: string, more: readonly string[] = []): Promise<void> {
  // With its record beside it, as schedules are made of.
  const text = JSON.parse(await readFile(config, 'utf8')) as { base: { checkpoint: string } };
  const base = { checkpoint: resolve(dirname(config), text.base.checkpoint) };
  await mkdir(place);
  const copy = join(place, 'config.json');
  await writeFile(copy, JSON.stringify({ ...text, base }));
  const folders = ['--work', join(place, 'work'), '--out', place];
  const command = gearnn(['run', copy, '--no-frames', '--threads', '1', ...folders, ...more]);
  const [status] = (await once(command, 'exit')) as [number | null];
  if (status !== 0) throw new Error(`gearnn run ended with status ${status}`);
}

function gearnn(parameters: readonly string[]): ChildProcess {
  const program = join(packageRoot(), 'dist', 'cli', 'main.js');
  const child = spawn(process.execPath, [program, ...parameters], { stdio: ['ignore', 'ignore', 'inherit'] });
  endWithParent(child);
  return child;
}

async function resultsIn(place: string): Promise<string> {
  return JSON.stringify(withoutTimes(JSON.parse(await readFile(join(place, 'results.json'), 'utf8'))));
}

async function measured(place: string, workers: number): Promise<Omit<ExperimentRow, 'efficiency' | 'equal'>> {
  const { steps } = await timedSteps(join(place, 'config.json'));
  const record = await readRecord(join(place, 'record.jsonl'));
  const stamps = steps.map(({ id }) => record.latest(id)).filter((stamp) => stamp !== undefined);
  const ends = stamps.map(({ finished }) => Date.parse(finished) / 1000);
  const seconds = Math.max(...ends) - Math.min(...stamps.map((stamp, i) => ends[i]! - stamp.seconds));
  const work = stamps.reduce((sum, stamp) => sum + stamp.seconds, 0);
  const count = Math.max(1, workers);
  const least = schedule(steps, count, 0).seconds;
  const overhead = (1000 * count * (seconds - least)) / stamps.length;
  return { workers, steps: stamps.length, seconds, work, busy: work / (count * seconds), overhead };
}
