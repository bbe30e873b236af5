// A worker of sleeping steps, or of an experiment's: worker.ts QUEUE STORE NAME [TIMES as JSON]; tells what happens in lines of JSON.
import { siblingModule } from '../../src/common/sibling-module.js';
import { FolderStore } from '../../src/pipeline/store/folder-store.js';
import type { QueueTimes } from '../../src/queue/job.js';
import { jumpClock } from './jumping-clock.js';
import type { EntryOptions } from '../../src/queue/step-entry.js';
import { runWorker } from '../../src/queue/worker.js';

const [queue, folder, name, times = '{}'] = process.argv.slice(2) as [string, string, string, string?];
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort(new Error(signal)));
const tell = (event: object): void => void process.stdout.write(`${JSON.stringify(event)}\n`);
const {
  version = '1',
  once = false,
  kinds,
  clock,
  experiment = false,
  ...rest
} = JSON.parse(times) as Partial<QueueTimes> & {
  version?: string;
  /** Seed of a clock that jumps. */
  clock?: number;
  once?: boolean;
  /** Steps are those of experiments. */
  experiment?: boolean;
  kinds?: string[];
};
if (clock !== undefined) jumpClock(clock);
const done = await runWorker({
  ...{ queue, name, once, kinds, times: rest, signal: stop.signal, onEvent: tell },
  store: new FolderStore(folder),
  process: experiment
    ? {
        entry: siblingModule(import.meta.resolve('../../src/queue/worker.js'), 'step-entry'),
        parameters: [],
        environment: { GEARNN_STEPS: JSON.stringify({ store: folder, threads: 1 } satisfies EntryOptions) },
      }
    : { entry: siblingModule(import.meta.url, 'entry'), parameters: [folder, version] },
});
tell({ done });
