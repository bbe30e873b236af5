import type { Store } from '../pipeline/store/store.js';
import type { StepProcessOptions } from './child.js';
import type { QueueTimes } from './job.js';

/** What happens to a step at a worker. */
export interface WorkerEvent {
  step: string;
  event: 'begins' | 'goes on' | 'done' | 'there already' | 'failed' | 'refused' | 'handed back';
  /** Of `failed`, `refused` and `handed back`, as a phrase. */
  why?: string;
  /** Of `done`. */
  seconds?: number;
}

export interface WorkerOptions {
  /** `redis://HOST[:PORT]/N` */
  queue: string;
  store: Store;
  /** What computes. */
  process: StepProcessOptions;
  /** The worker's name; no other may have it. */
  name: string;
  /** Kinds of steps that it takes. Default: all. */
  kinds?: readonly string[];
  /** End when the queue is empty: nothing waits that this worker takes, and nothing is at work elsewhere that could make more. */
  once?: boolean;
  /** When aborted, the running step is handed back. */
  signal?: AbortSignal;
  times?: Partial<QueueTimes>;
  onEvent?: (event: WorkerEvent) => void;
  /** Called when Redis goes away, and when it is back. */
  onConnection?: (state: 'lost' | 'back') => void;
}
