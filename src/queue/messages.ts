import type { WireError } from '../common/wire.js';
import type { ProgressEvent } from '../common/progress.js';
import type { Json, StepResult } from '../pipeline/graph.js';
import type { Identity } from '../pipeline/identity.js';
import type { StepRun } from '../pipeline/store/result-files.js';

/** What a worker asks of the process that computes, one thing at a time. */
export type Order =
  /** Make the step and look whether its inputs are here; answered with `ready`, `refused` or `failed`. */
  | { order: 'prepare'; step: Json }
  /** Run it in this folder; answered with `done`, `stopped` or `failed`. */
  | { order: 'run'; folder: string; resuming: boolean }
  /** Save what there is and stop; the answer is that of `run`. */
  | { order: 'stop' };

/** What it answers, and tells meanwhile. */
export type Report =
  | { report: 'ready'; identity: Identity }
  /** The step is of another version, or of other data. */
  | { report: 'refused'; why: string }
  | { report: 'progress'; event: ProgressEvent }
  | { report: 'done'; result: StepResult<Json>; run: StepRun }
  | { report: 'stopped' }
  | { report: 'failed'; error: WireError };
