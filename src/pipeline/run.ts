import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fail } from '../common/errors.js';
import { replaceFolder } from '../common/files.js';
import { withLock } from '../common/lock.js';
import { thisMachine } from '../engine/machine.js';
import type { FrameExample } from '../report/frames.js';
import { readPictures } from '../report/frequency.js';
import { keepKnown, writeResults } from '../report/results.js';
import type { Results } from '../report/schema.js';
import { writeReport, type ReportPaths } from '../report/write.js';
import { collectResults } from './collect.js';
import { collectCounts } from './counts.js';
import { Executor, failureOf, type StepEvent } from './executor.js';
import { among, type Experiment } from './experiment.js';
import { buildGraph, type ExperimentGraph, type GraphOptions, type LevelSteps } from './experiment-graph.js';
import { writeFrequencyMaps } from './frequency-maps.js';
import { inOrder, type Step } from './graph.js';
import { addressOf } from './identity.js';
import { machinesOf } from './machines.js';
import { plan, type PlannedStep } from './plan.js';
import { readRecord, StepRecord, writeRecord } from './record.js';
import type { Stamp } from './stamp.js';
import type { StepResults } from './step-results.js';
import { Store } from './store.js';
import { ADAPTOR, CHECKPOINT } from './steps/outputs.js';
import { FRAMES_FILE } from './steps/frames.js';
import { readText } from '../common/text-file.js';

export interface ExperimentOptions extends Omit<GraphOptions, 'frames'> {
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
  /** Called with the number of steps before the first one begins. */
  onStart?: (steps: number) => void;
  onStep?: (event: StepEvent) => void;
  /** Called whenever the results have been written. */
  onResults?: (results: Results) => void;
}

/** What a run wrote. */
export interface ExperimentOutcome extends ReportPaths {
  results: Results;
  path: string;
}

/** What {@link runExperiment} would do. */
export async function planExperiment(options: ExperimentOptions): Promise<PlannedStep[]> {
  return (await planSteps(options)).planned;
}

/** The same with the steps to bring about, each of which needs what its inputs name. */
export async function planSteps(options: ExperimentOptions): Promise<{ planned: PlannedStep[]; goals: Step[] }> {
  const graph = await buildGraph({ ...options, frames: options.frames ?? true });
  const goals = goalsOf(graph, options).flat();
  return { planned: await plan(goals, storeOf(options, await recordBefore(options))), goals };
}

/**
 * Runs every step of an experiment that has no result yet, level by level. After each level the results and the report are written
 * with all that is known by then, so that a run that is stopped leaves a table of the levels it finished.
 *
 * @throws E_PIPELINE_STEP after all steps that could run have, if some failed; E_PIPELINE_LOCKED while another process works in
 *   `work` or writes to `out`; the signal's reason
 */
export async function runExperiment(options: RunExperimentOptions): Promise<ExperimentOutcome> {
  const { work, out } = options;
  return locked(work, '--work and --out', () =>
    resolve(work) === resolve(out) ? runLocked(options) : locked(out, '--out', () => runLocked(options)),
  );
}

/** Works while no other run does so in `folder`, which `option` gives. */
function locked<T>(folder: string, option: string, run: () => Promise<T>): Promise<T> {
  const onBusy = (holder: string): never =>
    fail('E_PIPELINE_LOCKED', {
      where: folder,
      expected: 'no other run in this folder',
      got: `${holder} at work`,
      todo: `Wait for it, or give another ${option}.`,
    });
  return withLock(join(folder, 'lock'), run, { patience: 0, onBusy });
}

async function runLocked(options: RunExperimentOptions): Promise<ExperimentOutcome> {
  const { experiment, engine, progress, signal, onStep, onStart, onResults } = options;
  const graph = await buildGraph({ ...options, frames: options.frames ?? true });
  const goals = goalsOf(graph, options);
  onStart?.(inOrder(goals.flat()).length);
  const before = await recordBefore(options);
  const store = storeOf(options, before);
  const executor = new Executor({ store, machine: thisMachine(engine), progress, signal, onStep });
  // Levels that are left out this time are still part of the table where they are done.
  await executor.results.lookUp(inOrder(goalsOf(graph, { ...options, only: undefined }).flat()));
  // Interrupted, too: what is done is not done again elsewhere.
  const keep = async (): Promise<void> => {
    if (options.record !== undefined)
      await writeRecord(options.record, stampsOf(graph, executor.results, experiment, before));
  };
  let outcome: ExperimentOutcome | undefined;
  try {
    await executor.run(goals, async () => {
      await keep();
      if (executor.results.stampOf(graph.base.step))
        outcome = await writeOutcome(graph, executor.results, options, before);
      if (outcome) onResults?.(outcome.results);
    });
  } finally {
    await keep();
  }
  const failure = failureOf(executor.results.failures);
  if (failure) throw failure;
  return outcome!;
}

function storeOf({ work, ignoreRecord }: ExperimentOptions, before: StepRecord): Store {
  return new Store(work, ignoreRecord ? undefined : before);
}

/** The record as this run finds it; empty where one that cannot be read is to be written anew. */
async function recordBefore({ record, ignoreRecord }: ExperimentOptions): Promise<StepRecord> {
  if (record === undefined) return new StepRecord();
  return readRecord(record).catch((error: unknown) => {
    if (!ignoreRecord) throw error;
    return new StepRecord();
  });
}

/** Steps to bring about, in groups: the original on clean images first, then level by level. */
function goalsOf(
  graph: ExperimentGraph,
  { experiment, only }: Pick<ExperimentOptions, 'experiment' | 'only'>,
): Step[][] {
  const wanted = selectionOf(only, experiment);
  const isWanted = ({ method }: { method: string }): boolean => wanted.methods.includes(method);
  const groups = graph.levels
    .filter(({ level }) => wanted.levels.includes(level))
    .map(({ cells, repeats, frequency, frames }) => {
      const chosen = [...cells, ...repeats.flatMap((repeat) => repeat.cells)].filter(isWanted);
      return [
        ...chosen.flatMap(({ candidate }) => candidate.tuned ?? []),
        ...chosen.map(({ evaluation }) => evaluation),
        ...frequency.filter(isWanted).map(({ step }) => step),
        // Examples show every method.
        ...(frames && cells.every(isWanted) ? [frames] : []),
      ];
    });
  const isWhole = graph.levels.every(({ level }) => wanted.levels.includes(level));
  const alternations = isWhole ? graph.alternations.filter(isWanted).map(({ step }) => step) : [];
  return [[graph.clean], ...groups, ...(alternations.length > 0 ? [alternations] : [])];
}

/** What `--only` picks: levels, which have a `=`, and methods; all of those that it does not name any of. An empty list picks no level. */
function selectionOf(
  only: readonly string[] | undefined,
  { levels, methods }: Experiment,
): { levels: string[]; methods: string[] } {
  const all = { levels: levels.map(({ text }) => text), methods: methods.map(({ name }) => name) };
  if (!only) return all;
  const texts = only.filter((text) => text.includes('='));
  const names = only.filter((text) => !texts.includes(text));
  const stranger = names.find((name) => !all.methods.includes(name));
  if (stranger !== undefined) {
    fail('E_PIPELINE_CONFIG', {
      where: '--only',
      expected: `levels, such as ${levels[0]!.text}, or methods of the experiment (${all.methods.join(', ')})`,
      got: `"${stranger}"`,
    });
  }
  return {
    levels: texts.length === 0 && names.length > 0 ? all.levels : among(texts, levels, '--only'),
    methods: names.length > 0 ? names : all.methods,
  };
}

async function writeOutcome(
  graph: ExperimentGraph,
  done: StepResults,
  { experiment, engine, command, out, work }: RunExperimentOptions,
  before: StepRecord,
): Promise<ExperimentOutcome> {
  const evaluations = graph.levels.flatMap(({ cells }) => cells.map(({ evaluation }) => evaluation));
  const counts = await collectCounts(
    join(out, 'counts.json'),
    evaluations,
    done,
    stampsOf(graph, done, experiment, before),
  );
  const machines = machinesOf(stampsOf(graph, done, experiment));
  const path = join(out, 'results.json');
  const collected = collectResults({ experiment, graph, done, engine, machines, command, counts });
  const results = await keepKnown(path, collected);
  await writeResults(path, results);
  const frames = await framesOf(graph.levels, done);
  await writeFrequencyMaps(out, graph, done);
  const pages = await writeReport(out, results, { frames, pictures: await readPictures(out, results) });
  await copyAdaptors(graph, done, work);
  return { results, path, ...pages };
}

/**
 * Of all work that is done, each once, though steps of two methods may share it; not of examples, which are nothing but files.
 *
 * @param before what stands for steps that have no result now: they failed, or ran under other settings, and going back finds them
 */
function stampsOf(graph: ExperimentGraph, done: StepResults, experiment: Experiment, before?: StepRecord): Stamp[] {
  const goals = goalsOf(graph, { experiment }).flat();
  const steps = inOrder(goals).filter((step) => !graph.levels.some(({ frames }) => frames === step));
  const stamps = steps.flatMap((step) => done.stampOf(step) ?? before?.latest(step.id) ?? []);
  return [...new Map(stamps.map((stamp) => [addressOf(stamp.step), stamp])).values()];
}

async function framesOf(levels: readonly LevelSteps[], done: StepResults): Promise<FrameExample[]> {
  const folders = levels.flatMap(({ frames }) => (frames && done.stampOf(frames) ? [done.folderOf(frames)] : []));
  const lists = folders.map(async (folder) => JSON.parse(await readText(join(folder, FRAMES_FILE))) as FrameExample[]);
  return (await Promise.all(lists)).flat();
}

/** Puts every adaptor where `gearnn eval --adaptors` finds it, under its level's name; other methods' beside them, with a base of their own if they have one. */
async function copyAdaptors({ base, levels }: ExperimentGraph, done: StepResults, work: string): Promise<void> {
  for (const { method, candidate } of levels[0]!.cells) {
    const { step } = candidate.base;
    if (candidate.base === base || !done.hasFiles(step)) continue;
    await replaceFolder(join(done.folderOf(step), CHECKPOINT), join(work, 'methods', method, 'base'));
  }
  for (const { level, cells } of levels) {
    for (const { method, adaptor, kept } of cells) {
      if (!adaptor || !done.hasFiles(adaptor)) continue;
      const target = method === 'adaptor' ? join(work, 'adaptors', level) : join(work, 'methods', method, level);
      if (kept && !done.outputOf(kept).kept) await rm(target, { recursive: true, force: true });
      else await replaceFolder(join(done.folderOf(adaptor), ADAPTOR), target);
    }
  }
}
