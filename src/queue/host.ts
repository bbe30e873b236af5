import { siblingModule } from '../common/sibling-module.js';
import { startWorker } from '../common/start-worker.js';
import type { Progress } from '../common/progress.js';
import { packError } from '../common/wire.js';
import type { Json, Step } from '../pipeline/graph.js';
import type { Identity } from '../pipeline/identity.js';
import { contextFor, type RunsOn, type StepInputs } from '../pipeline/run-step.js';
import type { Order, Report } from './messages.js';

/** A step that can run here. */
export interface PreparedStep {
  step: Step;
  identity: Identity;
  /** What the step's inputs came to, and where their files lie. */
  inputs: StepInputs;
}

/** Makes steps of what comes with a job. */
export interface StepSource {
  /** @throws StepRefused for a step of another version or of other data */
  prepare(step: Json): Promise<PreparedStep>;
  /** What steps are computed on. */
  computer(): RunsOn;
}

/** A step that this worker does not take; another one may. */
export class StepRefused extends Error {}

/** Milliseconds between two reports of a step's progress. */
const PROGRESS_PAUSE = 1000;

/** Makes this process, a fork of a worker's, run steps, one at a time, until the worker ends. */
export function hostSteps(source: StepSource): void {
  // A terminal's Ctrl-C and a batch system's SIGTERM reach every process; the worker says when to stop.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  // Without the worker nothing that is computed is kept, and native threads may keep the process from ending by itself.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  startWorker(siblingModule(import.meta.url, 'parent-thread'), process.ppid).unref();
  const send = (report: Report): void => {
    if (process.connected) process.send!(report);
  };
  let prepared: PreparedStep | undefined;
  let stop = new AbortController();
  const answer = async (order: Order): Promise<Report> => {
    if (order.order === 'prepare') {
      stop = new AbortController();
      prepared = await source.prepare(order.step);
      return { report: 'ready', identity: prepared.identity };
    }
    if (order.order === 'stop') throw new Error('never answered');
    return run(prepared!, order, { source, signal: stop.signal, send });
  };
  process.on('message', (order: Order) => {
    if (order.order === 'stop') return stop.abort(new Error('the worker stops'));
    answer(order).then(send, (error: unknown) => {
      if (error instanceof StepRefused) send({ report: 'refused', why: error.message });
      else send({ report: 'failed', error: packError(error) });
    });
  });
}

async function run(
  { step, inputs }: PreparedStep,
  { folder, resuming }: Order & { order: 'run' },
  { source, signal, send }: { source: StepSource; signal: AbortSignal; send: (report: Report) => void },
): Promise<Report> {
  let told = -Infinity;
  const start = performance.now();
  try {
    const progress: Progress = (event) => {
      if (performance.now() - told < PROGRESS_PAUSE) return;
      told = performance.now();
      send({ report: 'progress', event });
    };
    const result = await step.run(contextFor(step, { folder, resuming, inputs, progress, signal }));
    const seconds = (performance.now() - start) / 1000;
    return { report: 'done', result, run: { seconds, ...source.computer() } };
  } catch (error) {
    if (signal.aborted) return { report: 'stopped' };
    throw error;
  }
}
