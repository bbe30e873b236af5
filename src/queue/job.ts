import type { Json } from '../pipeline/graph.js';

/** The queue's name, and what its keys in Redis begin with. */
export const QUEUE_NAME = 'steps';
export const PREFIX = 'gearnn';

/** Attempts that a step has, each on another worker where there is one. */
export const ATTEMPTS = 2;

/** Milliseconds of what keeps a job with its worker. */
export interface QueueTimes {
  /** After this long without a renewal another worker may have the job. */
  lock: number;
  /** Between two renewals of the lock and of the store's lease: they come from the worker's own process, which never computes. */
  renew: number;
  /** Between two looks for jobs whose lock has run out. */
  stalled: number;
  /** That a worker waits for a job before it looks whether it is still needed. */
  drain: number;
  /** That a step which failed on a worker is left to others. */
  elsewhere: number;
  /** Between two looks of the coordinator at what no event has told. */
  poll: number;
  /** Without anybody at work, after which the coordinator says why. */
  silence: number;
  /** For which a result that a worker has finished may be invisible to the coordinator: file servers let a folder look old for up to a minute. */
  invisible: number;
}

export const QUEUE_TIMES: QueueTimes = {
  lock: 30_000,
  renew: 5000,
  stalled: 15_000,
  drain: 5000,
  elsewhere: 60_000,
  poll: 5000,
  silence: 30_000,
  invisible: 90_000,
};

/**
 * Times that a step may take its worker with it (a job whose worker died is stalled). More would mean that it ends every worker, as one that
 * fills the machine's memory does.
 */
export const MOST_STALLED = 10;

/** A step on the queue; the job's id is the step's address. */
export interface QueuedStep {
  /** The step's, for people. */
  id: string;
  kind: string;
  /** What a worker makes the step of. */
  step: Json;
  /** Attempts that failed. */
  failures: StepFailure[];
  /** Workers that do not take it, and why. */
  refusals: Record<string, string>;
}

export interface StepFailure {
  worker: string;
  message: string;
  /** The last lines of what the step printed. */
  log: string;
}

/** How far a step is, and with whom. */
export interface StepNews {
  worker: string;
  /** As {@link ProgressEvent} has them; absent when it begins. */
  task?: string;
  done?: number;
  /** null: nobody knows. */
  total?: number | null;
  unit?: string;
}
