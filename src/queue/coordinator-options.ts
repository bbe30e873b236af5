import type { Progress } from '../common/progress.js';
import type { StepEvent } from '../pipeline/executor.js';
import type { Json, Step } from '../pipeline/graph.js';
import type { Identity } from '../pipeline/identity.js';
import type { StepResults } from '../pipeline/step-results.js';
import type { Store } from '../pipeline/store/store.js';
import type { QueueTimes } from './job.js';

export interface CoordinatorOptions {
  /** `redis://HOST[:PORT]/N` */
  queue: string;
  results: StepResults;
  /** What a worker makes a step of whose inputs have results. */
  describe(step: Step, identity: Identity): Promise<Json> | Json;
  /** Where `results` come from, and workers put theirs. */
  store: Store;
  signal?: AbortSignal;
  progress?: Progress;
  onStep?: (event: StepEvent) => void;
  /** Called with what the user may want to know: Redis is away, no worker takes a step. */
  onNote?: (text: string) => void;
  times?: Partial<QueueTimes>;
}
