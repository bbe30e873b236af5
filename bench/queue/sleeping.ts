import { createHash } from 'node:crypto';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Json, Step, StepContext } from '../../src/pipeline/graph.js';

/** A step that sleeps, as it is written down. */
export interface SleepingStep {
  id: string;
  kind: string;
  /** How long it takes. */
  seconds: number;
  /** Ids of those whose files it reads. */
  inputs: string[];
  /** What it does beside that: fails always, or the first time on each of so many workers. */
  fails?: boolean;
}

/** Milliseconds between two checkpoints. */
const TICK = 50;
const RESULT = 'result.txt';

/** The steps of a graph whose inputs come first; @returns all of them, by id */
export function sleepingSteps(written: readonly SleepingStep[]): Map<string, Step> {
  const steps = new Map<string, Step>();
  for (const { id, kind, seconds, inputs, fails = false } of written) {
    const own = Object.fromEntries(inputs.map((input) => [input, steps.get(input)!]));
    steps.set(id, {
      ...{ id, kind, version: 1, settings: { id, seconds, ...(fails && { fails }) }, inputs: own },
      run: (context) => run(context, Object.values(own), seconds, fails),
    });
  }
  return steps;
}

/** Sleeps, with a checkpoint at each tick, and writes what its inputs' files come to. */
async function run(
  { folder, folderOf, output, resuming, signal, progress }: StepContext,
  inputs: readonly Step[],
  seconds: number,
  fails: boolean,
): Promise<{ output: Json; notes: Json }> {
  const ticks = Math.round((1000 * seconds) / TICK);
  const checkpoint = join(folder, 'ticks.txt');
  const from = resuming ? (await readFile(checkpoint, 'utf8').catch(() => '')).length : 0;
  const start = performance.now();
  for (let done = from; done < ticks; done++) {
    signal.throwIfAborted();
    await sleep(Math.max(0, start + (done + 1 - from) * TICK - performance.now()));
    await appendFile(checkpoint, '.');
    progress({ task: 'sleep', done: done + 1, total: ticks, unit: 'ticks' });
  }
  if (fails) {
    process.stderr.write('about to fail\n');
    throw new Error('this step always fails');
  }
  const hash = createHash('sha256').update(folder.slice(folder.lastIndexOf('/') + 1).split('.')[0]!);
  for (const input of inputs) {
    const text = await readFile(join(folderOf(input), RESULT), 'utf8');
    if (createHash('sha256').update(text).digest('hex') !== (output(input) as { hash: string }).hash)
      throw new Error(`the file of "${input.id}" is not what its output says`);
    hash.update(text);
  }
  const text = `${hash.digest('hex')}\n`.repeat(100);
  await writeFile(checkpoint, '');
  await writeFile(join(folder, RESULT), text);
  return { output: { hash: createHash('sha256').update(text).digest('hex') }, notes: { from } };
}

/** A graph like an experiment's: a base, then at each level data, a training on it and the training's evaluation. */
export function levelsGraph(steps: number, seconds: number): SleepingStep[] {
  const levels = Math.ceil((steps - 1) / 3);
  const all: SleepingStep[] = [{ id: 'base', kind: 'base', seconds, inputs: [] }];
  for (let level = 0; level < levels; level++) {
    all.push(
      { id: `data ${level}`, kind: 'distort', seconds, inputs: [] },
      { id: `training ${level}`, kind: 'tune', seconds, inputs: ['base', `data ${level}`] },
      { id: `evaluation ${level}`, kind: 'evaluate', seconds, inputs: [`training ${level}`, `data ${level}`] },
    );
  }
  return all.slice(0, steps);
}
