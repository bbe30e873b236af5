import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fail } from '../common/errors.js';
import { replaceFolder } from '../common/files.js';
import { withLock } from '../common/lock.js';
import { readText } from '../common/text-file.js';
import type { Engine } from '../engine/start.js';
import type { FrameExample } from '../report/frames.js';
import { readPictures } from '../report/frequency.js';
import { keepKnown, writeResults } from '../report/results.js';
import type { Results } from '../report/schema.js';
import { writeReport, type ReportPaths } from '../report/write.js';
import { calibrateByCounts } from './calibration.js';
import { collectResults } from './collect.js';
import { collectCounts } from './counts.js';
import type { Experiment } from './experiment.js';
import type { ExperimentGraph, LevelSteps } from './experiment-graph.js';
import { writeFrequencyMaps } from './frequency-maps.js';
import { goalsOf, stampsOf } from './goals.js';
import { inOrder, type Step } from './graph.js';
import { machinesOf } from './machines.js';
import { StepRecord } from './record.js';
import type { StoredCounts } from './steps/evaluate.js';
import { FRAMES_FILE } from './steps/frames.js';
import { ADAPTOR, CHECKPOINT } from './steps/outputs.js';
import type { StepResults } from './step-results.js';

/** What a run wrote. */
export interface ExperimentOutcome extends ReportPaths {
  results: Results;
  path: string;
}

export interface OutcomeOptions {
  experiment: Experiment;
  /** The running engine. */
  engine: Engine;
  /** Folder for `results.json`, `report.md` and `report.html`. */
  out: string;
  /** Folder for adaptors. */
  work: string;
  /** The command line that makes these results, for the report. */
  command: string;
  /** What the record has of steps. */
  record?: StepRecord;
  /** Seconds to wait for another run that writes its report. Default: 300, where it takes a few. */
  patience?: number;
}

/**
 * Writes results and report with all that is known by now, and copies the adaptors; other runs may do the same for the same folders. What
 * others have done meanwhile is in them, too.
 *
 * @returns undefined where there is nothing yet: the base is to come
 * @throws E_PIPELINE_LOCKED while another process does not come to an end with writing there
 */
export async function writeOutcome(
  graph: ExperimentGraph,
  done: StepResults,
  options: OutcomeOptions,
): Promise<ExperimentOutcome | undefined> {
  const { experiment, out, work, patience = 300 } = options;
  await done.lookUpMissing(inOrder(goalsOf(graph, { experiment }).flat()));
  if (!done.has(graph.base.step)) return undefined;
  const { counts, ...outcome } = await locked(out, patience, () => writeTables(graph, done, options));
  await locked(work, patience, async () => {
    await copyAdaptors(graph, done, work);
    const { hash: base } = done.outputOf(graph.base.step);
    const folderOf = (method: string, level: string): string => join(rootOf(work, method), level);
    await calibrateByCounts({ ...{ graph, experiment, counts, base, folderOf }, rootOf: (name) => rootOf(work, name) });
  });
  return outcome;
}

/** Works while no other run writes in `folder`. */
function locked<T>(folder: string, patience: number, run: () => Promise<T>): Promise<T> {
  const onBusy = (holder: string): never =>
    fail('E_PIPELINE_LOCKED', {
      where: resolve(folder),
      expected: 'no other run to write here for longer than that takes',
      got: `${holder} at work`,
      todo: 'Wait for it, or give another --work and --out.',
    });
  return withLock(join(folder, 'lock'), run, { patience, onBusy });
}

async function writeTables(
  graph: ExperimentGraph,
  done: StepResults,
  { experiment, engine, command, out, record = new StepRecord() }: OutcomeOptions,
): Promise<ExperimentOutcome & { counts: ReadonlyMap<Step, StoredCounts> }> {
  const evaluations = graph.levels.flatMap(({ cells, unseen }) =>
    [...cells, ...unseen.flatMap((part) => part.cells)].map(({ evaluation }) => evaluation),
  );
  const recorded = stampsOf(graph, done, experiment, record);
  const counts = await collectCounts(join(out, 'counts.json'), evaluations, done, recorded);
  const machines = machinesOf(stampsOf(graph, done, experiment));
  const path = join(out, 'results.json');
  const collected = collectResults({ experiment, graph, done, engine, machines, command, counts });
  const results = await keepKnown(path, collected);
  await writeResults(path, results);
  const frames = await framesOf(graph.levels, done);
  await writeFrequencyMaps(out, graph, done);
  const pages = await writeReport(out, results, { frames, pictures: await readPictures(out, results) });
  return { results, path, counts, ...pages };
}

async function framesOf(levels: readonly LevelSteps[], done: StepResults): Promise<FrameExample[]> {
  const examples: FrameExample[] = [];
  for (const { frames } of levels) {
    if (!frames || !done.hasFiles(frames)) continue;
    const text = await readText(join(await done.folderOf(frames), FRAMES_FILE));
    examples.push(...(JSON.parse(text) as FrameExample[]));
  }
  return examples;
}

/** Folder of a method's adaptors. */
function rootOf(work: string, method: string): string {
  return method === 'adaptor' ? join(work, 'adaptors') : join(work, 'methods', method);
}

/** Puts every adaptor where `gearnn eval --adaptors` finds it, under its level's name; other methods' beside them, with a base of their own if they have one. */
async function copyAdaptors({ base, levels }: ExperimentGraph, done: StepResults, work: string): Promise<void> {
  for (const { method, candidate } of levels[0]!.cells) {
    const { step } = candidate.base;
    if (candidate.base === base || !done.hasFiles(step)) continue;
    await replaceFolder(join(await done.folderOf(step), CHECKPOINT), join(work, 'methods', method, 'base'));
  }
  for (const { level, cells } of levels) {
    for (const { method, adaptor, kept } of cells) {
      if (!adaptor || !done.hasFiles(adaptor)) continue;
      const target = join(rootOf(work, method), level);
      if (kept && !done.outputOf(kept).kept) await rm(target, { recursive: true, force: true });
      else await replaceFolder(join(await done.folderOf(adaptor), ADAPTOR), target);
    }
  }
}
