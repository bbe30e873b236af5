import { thisMachine } from '../engine/machine.js';
import type { Results } from '../report/schema.js';
import { Executor, failureOf, type ExecutorOptions, type StepEvent } from './executor.js';
import { buildGraph, type GraphOptions } from './experiment-graph.js';
import { goalsOf, stampsOf } from './goals.js';
import { inOrder, type Step } from './graph.js';
import { writeOutcome, type ExperimentOutcome } from './outcome.js';
import { plan, type PlannedStep } from './plan.js';
import { readRecord, StepRecord, updateRecord } from './record.js';
import { FolderStore } from './store/folder-store.js';
import type { Store } from './store/store.js';

export interface ExperimentOptions extends Omit<GraphOptions, 'frames'> {
  /** Where results of steps are. Default: in the folder `work`. */
  store?: Store;
  /** Levels and methods to work on. Default: all of the experiment's. What has a `=` is a level. */
  only?: string[];
  /** Example images in the report. Default: yes. */
  frames?: boolean;
  /** File with what steps came to before, here or elsewhere, that need not run again; it is kept up to date. */
  record?: string;
  /** Run also what only the record knows of. */
  ignoreRecord?: boolean;
}

export interface RunExperimentOptions extends ExperimentOptions {
  /** Folder for `results.json`, `report.md` and `report.html`. */
  out: string;
  /** The command line that makes these results, for the report. */
  command: string;
  /** What runs the steps, such as workers on a queue. Default: this process. */
  execute?: (options: ExecutorOptions) => Pick<Executor, 'results' | 'run'>;
  /** Seconds to wait for another run that writes to `work` or `out` at the end of a level. Default: 300. */
  patience?: number;
  /** Called with the number of steps before the first one begins. */
  onStart?: (steps: number) => void;
  onStep?: (event: StepEvent) => void;
  /** Called whenever the results have been written. */
  onResults?: (results: Results) => void;
}

/** What {@link runExperiment} would do. */
export async function planExperiment(options: ExperimentOptions): Promise<PlannedStep[]> {
  return (await planSteps(options)).planned;
}

/** The same with the steps to bring about, each of which needs what its inputs name. */
export async function planSteps(options: ExperimentOptions): Promise<{ planned: PlannedStep[]; goals: Step[] }> {
  const graph = await buildGraph({ ...options, frames: options.frames ?? true });
  const goals = goalsOf(graph, options).flat();
  return { planned: await plan(goals, storeOf(options), countingRecord(options, await recordBefore(options))), goals };
}

/**
 * Runs every step of an experiment that has no result yet, level by level. After each level the results and the report are written
 * with all that is known by then, so that a run that is stopped leaves a table of the levels it finished. Several runs may work in the
 * same folders at once: each step is computed by one of them.
 *
 * @throws E_PIPELINE_STEP after all steps that could run have, if some failed; E_PIPELINE_LOCKED while another process does not come to an
 *   end with writing to `work` or `out`; the signal's reason
 */
export async function runExperiment(options: RunExperimentOptions): Promise<ExperimentOutcome> {
  const { experiment, engine, progress, signal, onStep, onStart, onResults } = options;
  const graph = await buildGraph({ ...options, frames: options.frames ?? true });
  const goals = goalsOf(graph, options);
  onStart?.(inOrder(goals.flat()).length);
  const before = await recordBefore(options);
  const { execute = (own) => new Executor(own) } = options;
  const executor = execute({
    store: storeOf(options),
    record: countingRecord(options, before),
    ...{ machine: thisMachine(engine), threads: engine.threads, progress, signal, onStep },
  });
  const { results } = executor;
  // Levels that are left out this time are still part of the table where they are done.
  await results.lookUp(inOrder(goalsOf(graph, { experiment }).flat()));
  // Interrupted, too: what is done is not done again elsewhere.
  const keep = async (): Promise<void> => {
    if (options.record === undefined) return;
    const steps = inOrder(goalsOf(graph, { experiment }).flat());
    await updateRecord(options.record, {
      merge: (now) => [...stampsOf(graph, results, experiment, now), ...now.addedTo(before, steps)],
      orEmpty: options.ignoreRecord,
    });
  };
  let outcome: ExperimentOutcome | undefined;
  try {
    await executor.run(goals, async () => {
      await keep();
      outcome = (await writeOutcome(graph, results, { ...options, record: before })) ?? outcome;
      if (outcome) onResults?.(outcome.results);
    });
  } finally {
    await keep();
  }
  const failure = failureOf(results.failures);
  if (failure) throw failure;
  return outcome!;
}

function storeOf({ store, work }: ExperimentOptions): Store {
  return store ?? new FolderStore(work);
}

/** What of the record counts as a result. */
function countingRecord({ ignoreRecord }: ExperimentOptions, before: StepRecord): StepRecord {
  return ignoreRecord ? new StepRecord() : before;
}

/** The record as this run finds it; empty where one that cannot be read is to be written anew. */
async function recordBefore({ record, ignoreRecord }: ExperimentOptions): Promise<StepRecord> {
  return record === undefined ? new StepRecord() : readRecord(record, { orEmpty: ignoreRecord });
}
