// A training run in a process of its own, to be killed: child.ts OUT LOG. Prints a line for each step.
import { openDataset } from '../../../src/data/registry.js';
import { openSource } from '../../../src/data/source.js';
import { startEngine } from '../../../src/engine/start.js';
import { readCheckpointConfig, saveCheckpoint } from '../../../src/models/checkpoint.js';
import { stateDict } from '../../../src/models/state-dict.js';
import { IMAGENET } from '../../../src/models/preprocessing.js';
import { jsonlLog } from '../../../src/train/log/jsonl.js';
import { whole } from '../../../src/train/adaptations/whole.js';
import { labels } from '../../../src/train/objectives/labels.js';
import type { Run } from '../../../src/train/run-parts.js';
import { performRun } from '../../../src/train/run.js';
import { DEFAULTS } from '../../../src/train/run-options.js';
import { tinyNetwork } from './tiny.js';

const [out, log] = process.argv.slice(2) as [string, string];
const data = 'scenes:3@16x24';
const dataset = await openDataset(data);
const { classes, ignore } = dataset;
const run: Run = {
  ...{ adaptation: whole, objective: labels, storage: 'fp32' },
  samples: { dataset, source: openSource(data), level: 'clean', training: { split: 'train', start: 0, end: 4 } },
  settings: { ...DEFAULTS, epochs: 8, batch: 2, size: [8, 16], seed: 3 },
  means: {
    engine: await startEngine(),
    log: jsonlLog(log),
    progress: ({ done, total }) => void process.stdout.write(`${done}/${total}\n`),
  },
  makeNetwork: () => tinyNetwork(),
};
await performRun(run, {
  out,
  resume: true,
  async save(network, record) {
    const config = { network: network.spec, classes, ignore, preprocessing: IMAGENET, storage: 'fp32' as const };
    await saveCheckpoint(out, { ...config, training: { ...record } }, stateDict(network), network.parameters);
  },
  readTraining: async () => (await readCheckpointConfig(out)).training,
});
