import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Executor } from '../../src/pipeline/executor.js';
import { FolderStore } from '../../src/pipeline/store/folder-store.js';
import { checkStore, type StoreFaults, wholeResults } from './check-store.js';
import { Running } from './processes.js';
import { levelsGraph, sleepingSteps } from './sleeping.js';

/** What rounds of chaos compute. */
export interface ChaosWork {
  /** Bytes of the store's file system where it can be filled. */
  diskSize: string;
  /** Program of a coordinator, and file that it reads. */
  coordinator: string;
  input: object;
  /** Added to what a worker is told. */
  worker: object;
  /** What it comes to without a queue. */
  alone(): Promise<unknown>;
  /** What is wrong with a store that has to hold its results. */
  check(store: string): Promise<StoreFaults>;
}

/** A graph of steps that sleep and write real files. */
export function sleepingWork(steps: number, seconds: number): ChaosWork {
  const written = levelsGraph(steps, seconds);
  return {
    ...{ diskSize: '8m', coordinator: 'coordinator', input: written, worker: {} },
    alone: once(async (folder) => {
      const all = [...sleepingSteps(written).values()];
      const executor = new Executor({ store: new FolderStore(folder) });
      await executor.run([all]);
      return Object.fromEntries(all.map((step) => [step.id, executor.results.outputOf(step)]));
    }),
    check: (store) => checkStore(store, written),
  };
}

/**
 * An experiment of seconds: a base is trained, fine-tuned at a level, split, adapted and scored. By the engine that a process has soonest, as each
 * that is killed is followed by another.
 */
const TINY = {
  ...{ experiment: 'tiny', data: 'scenes:7@32x32', train: 'train[0:4]', validate: 'val[0:2]', engine: 'wasm', seed: 1 },
  base: { train: { model: 'drn-d-22', width: 0.0625, size: '32x32', batch: 2, epochs: 1, learningRate: 0.02 } },
  ...{ levels: ['jpeg=5'], budget: '2%', intervals: { block: 1 } },
  finetune: { epochs: 1, learningRate: { full: 0.01, adaptor: 0.01 } },
};

/** A whole experiment, tiny. */
export function experimentWork(): ChaosWork {
  const coordinator = 'run-experiment';
  return {
    ...{ diskSize: '32m', coordinator, input: TINY, worker: { experiment: true } },
    alone: once(async (folder) => {
      await mkdir(folder, { recursive: true });
      const [config, out] = [join(folder, 'config.json'), join(folder, 'out.json')];
      await writeFile(config, JSON.stringify(TINY));
      const run = new Running(coordinator, ['none', join(folder, 'store'), config, out]);
      await run.ended;
      if (run.process.exitCode !== 0) throw new Error(run.stderr);
      return JSON.parse(await readFile(out, 'utf8')) as unknown;
    }),
    check: async (store) => ({ ...(await wholeResults(store)), missing: [] }),
  };
}

/** Computes once, in a folder that goes afterwards. */
function once(compute: (folder: string) => Promise<unknown>): () => Promise<unknown> {
  let known: Promise<unknown> | undefined;
  const make = async (): Promise<unknown> => {
    const folder = await mkdtemp(join(tmpdir(), 'gearnn-chaos-alone-'));
    try {
      return await compute(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
  return () => (known ??= make());
}
