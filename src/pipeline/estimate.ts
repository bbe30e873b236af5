import { rm } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { memoryUse } from '../engine/memory.js';
import { inOrder, type Step } from './graph.js';
import { planSteps, type ExperimentOptions } from './run.js';
import { isAhead, type PlannedStep } from './plan.js';
import { unitsOf, type Measured, type Workload } from './work/workload.js';

/** All work of one kind that a plan holds. */
export interface EstimateRow {
  /** `training step, whole network` */
  kind: string;
  /** Units: steps, images or copies; null where the measurement failed. */
  count: number | null;
  /** Of a unit, the mean over what was measured. */
  secondsEach: number | null;
  seconds: number | null;
  /** Disk that it takes, where it leaves anything to speak of. */
  bytes: number | null;
  /** What was measured, or why that was not possible. */
  how: string;
}

/** What an experiment is going to take, measured on this machine and these data. */
export interface Estimate {
  rows: EstimateRow[];
  /** Of all rows; without those that could not be measured. */
  seconds: number;
  bytes: number;
  /** Bytes that this process held in memory at most; a GPU's own memory is not among them. */
  peak: number;
  /** Processes that wanted a processor in the minute before, and how many processors there are: where it is more, the times are too long. */
  load: { before: number; processors: number };
  /** Kinds of the steps that were not measured, as they take seconds at most, and how many there are. */
  unmeasured: Record<string, number>;
}

/** What an engine says where a step does not fit into its memory. */
const NO_ROOM = /\bOOM\b|out of memory|resource.?exhausted|failed to allocate/i;

/**
 * Measures one unit of every kind of work that an experiment has yet to do, and multiplies. A step that will go on from an interrupted
 * run counts as a whole.
 *
 * @throws what the work itself throws, but for want of memory, which its row tells
 */
export async function estimateExperiment(
  options: ExperimentOptions,
): Promise<{ planned: PlannedStep[]; estimate: Estimate }> {
  const { work: folder, progress, signal } = options;
  const load = { before: loadavg()[0]!, processors: availableParallelism() };
  const { planned, goals } = await planSteps(options);
  const ahead = new Set(planned.filter(isAhead).map(({ id }) => id));
  const steps = inOrder(goals).filter(({ id }) => ahead.has(id));
  const workloads = steps.flatMap((step) => step.workloads ?? []);
  const keys = [...new Map(workloads.map((work) => [measuredAs(work), work])).values()];
  const measured = new Map<string, Measured | string>();
  const place = join(folder, 'estimate');
  for (const [done, work] of keys.entries()) {
    signal?.throwIfAborted();
    progress?.({ task: `measure ${measuredAs(work)}`, done, total: keys.length, unit: 'measurements' });
    try {
      measured.set(measuredAs(work), await work.measure({ folder: place, signal }));
    } catch (error) {
      if (!(error instanceof Error) || !NO_ROOM.test(error.message)) throw error;
      measured.set(measuredAs(work), `does not fit into memory: ${error.message.split('\n')[0]}`);
    } finally {
      await rm(place, { recursive: true, force: true });
    }
  }
  const rows = rowsOf(workloads, measured);
  return {
    planned,
    estimate: {
      rows,
      seconds: sum(rows.map(({ seconds }) => seconds ?? 0)),
      bytes: sum(rows.map(({ bytes }) => bytes ?? 0)),
      peak: memoryUse().peak,
      load,
      unmeasured: countKinds(steps.filter((step) => step.workloads === undefined)),
    },
  };
}

/** One row per kind, in the order that they come up in. */
export function rowsOf(
  workloads: readonly Workload[],
  measured: ReadonlyMap<string, Measured | string>,
): EstimateRow[] {
  return [...new Set(workloads.map(({ kind }) => kind))].map((kind) => {
    const own = workloads.filter((work) => work.kind === kind);
    const found = own.map((work) => ({ work, unit: measured.get(measuredAs(work))! }));
    const problem = found.find(({ unit }) => typeof unit === 'string')?.unit;
    if (typeof problem === 'string') {
      return { kind, count: null, secondsEach: null, seconds: null, bytes: null, how: problem };
    }
    const units = found as { work: Workload; unit: Measured }[];
    const count = sum(units.map(({ work, unit }) => unitsOf(work, unit)));
    const seconds = sum(units.map(({ work, unit }) => unitsOf(work, unit) * unit.seconds));
    const bytes = sum(units.map(({ work, unit }) => unitsOf(work, unit) * (unit.bytes ?? 0)));
    const keys = new Set(own.map(measuredAs)).size;
    return {
      kind,
      count,
      secondsEach: count === 0 ? null : seconds / count,
      seconds,
      bytes: bytes === 0 ? null : bytes,
      how: units[0]!.unit.how + (keys > 1 ? `, at each of ${keys} levels` : ''),
    };
  });
}

function measuredAs({ kind, key = kind }: Workload): string {
  return key;
}

function countKinds(steps: readonly Step[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of steps) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
