// Has workers bring an experiment about: run-experiment.ts QUEUE STORE CONFIG OUT [TIMES as JSON]; OUT gets its results but for times. Without
// workers where QUEUE is "none".
import { join } from 'node:path';
import { writeJsonAtomic } from '../../src/common/files.js';
import { startEngine } from '../../src/engine/start.js';
import { readExperiment } from '../../src/pipeline/experiment.js';
import { runExperiment } from '../../src/pipeline/run.js';
import { FolderStore } from '../../src/pipeline/store/folder-store.js';
import { onQueue } from '../../src/queue/run-on-queue.js';
import { withoutTimes } from './without-times.js';

const [queue, folder, config, out, times = '{}'] = process.argv.slice(2) as [string, string, string, string, string?];
const experiment = await readExperiment(config);
const engine = await startEngine({ engine: experiment.engine, threads: 1 });
const own = `${out}.${process.pid}`;
const { results } = await runExperiment({
  ...{ experiment, engine, frames: false, command: '', store: new FolderStore(folder) },
  ...{ work: join(own, 'work'), out: join(own, 'out') },
  execute:
    queue === 'none'
      ? undefined
      : await onQueue({ queue, experiment, engine, frames: false, times: JSON.parse(times) }),
});
await writeJsonAtomic(out, withoutTimes(results) as object);
// Native threads may keep a process from ending by itself.
process.exit();
