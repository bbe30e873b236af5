import type { Progress } from '../common/progress.js';
import type { Engine } from '../engine/start.js';
import type { RunLog } from './log/run-log.js';

/** How a run is carried out. Of all this its outcome depends on the engine alone. */
export interface RunMeans {
  /** The running engine: its name, threads and precision belong to the outcome. */
  engine: Engine;
  /** Threads that decode images. Default: 1. */
  workers?: number;
  progress?: Progress;
  log?: RunLog;
  /** When aborted, the state is saved and the signal's reason thrown; the same call with `resume` goes on. */
  signal?: AbortSignal;
  /** Told of what looks unintended but is no error: classes of other names. */
  warn?: (message: string) => void;
}
