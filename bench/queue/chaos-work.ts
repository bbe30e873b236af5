import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Executor } from '../../src/pipeline/executor.js';
import { FolderStore } from '../../src/pipeline/store/folder-store.js';
import { firstDamage, readStamp } from '../../src/pipeline/store/result-files.js';
import { SMALL_RUN } from '../../test/pipeline/support/small-run.js';
import { checkStore } from './check-store.js';
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
  check(store: string): Promise<string[]>;
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

/** An experiment that takes seconds: a base is trained, fine-tuned at a level, split, adapted and scored. */
export function experimentWork(): ChaosWork {
  const input = { ...SMALL_RUN, engine: 'tensorflow' };
  const coordinator = 'run-experiment';
  return {
    ...{ diskSize: '64m', coordinator, input, worker: { experiment: true } },
    alone: once(async (folder) => {
      await mkdir(folder, { recursive: true });
      const [config, out] = [join(folder, 'config.json'), join(folder, 'out.json')];
      await writeFile(config, JSON.stringify(input));
      const run = new Running(coordinator, ['none', join(folder, 'store'), config, out]);
      await run.ended;
      if (run.process.exitCode !== 0) throw new Error(run.stderr);
      return JSON.parse(await readFile(out, 'utf8')) as unknown;
    }),
    check: wholeResults,
  };
}

/** A step's own results are whole, and of each step there is one. */
async function wholeResults(store: string): Promise<string[]> {
  const root = join(store, 'steps');
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const name of (await readdir(root)).filter((own) => !own.includes('.'))) {
    const stamp = await readStamp(join(root, name));
    if (!stamp) {
      problems.push(`${name} is no result`);
      continue;
    }
    const { id } = stamp.step;
    if (seen.has(id)) problems.push(`two results of "${id}"`);
    seen.add(id);
    const damage = await firstDamage(join(root, name), stamp);
    if (damage !== undefined) problems.push(`${damage} of "${id}" is damaged`);
  }
  return problems;
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
