import { mkdtempSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Executor, type ExecutorOptions, type StepEvent } from '../../../src/pipeline/executor.js';
import type { Json, Step } from '../../../src/pipeline/graph.js';
import { FolderStore } from '../../../src/pipeline/store/folder-store.js';

/** A fresh work folder. */
export function workFolder(): string {
  return mkdtempSync(join(tmpdir(), 'gearnn-pipeline-'));
}

export interface FakeOptions {
  settings?: Json;
  version?: number;
  inputs?: Record<string, Step>;
  /** What it comes to; by default its settings and its inputs' outputs. */
  output?: Json;
  /** Called instead of nothing before the result is written. */
  during?: Step['run'];
}

/** A step that costs nothing: it writes its output into `result.json`. */
export function fake(id: string, { settings = id, version = 1, inputs = {}, output, during }: FakeOptions = {}): Step {
  return {
    id,
    kind: 'fake',
    version,
    settings,
    inputs,
    async run(context) {
      await during?.(context);
      const made = output ?? { settings, inputs: Object.values(inputs).map((input) => context.output(input)) };
      await writeFile(join(context.folder, 'result.json'), JSON.stringify(made));
      return { output: made, notes: { random: Math.random() } };
    },
  };
}

/** Runs goals in a work folder and tells what happened to which step: `run a`, `cached b`. */
export async function runIn(work: string, goals: Step[], options: Partial<ExecutorOptions> = {}) {
  const events: string[] = [];
  const onStep = ({ step, event }: StepEvent): void => {
    if (event !== 'done') events.push(`${event} ${step.id}`);
  };
  const executor = new Executor({ store: new FolderStore(work), onStep, ...options });
  const complete = await executor.run([goals]);
  return { events, executor, complete };
}
