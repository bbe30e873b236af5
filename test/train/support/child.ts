// A training run in a process of its own, to be killed: child.ts OUT LOG. Prints a line for each step.
import { openDataset } from '../../../src/data/registry.js';
import { openSource } from '../../../src/data/source.js';
import { startEngine } from '../../../src/engine/start.js';
import { readCheckpointConfig, saveCheckpoint } from '../../../src/models/checkpoint.js';
import { stateDict } from '../../../src/models/state-dict.js';
import { IMAGENET } from '../../../src/models/preprocessing.js';
import { jsonlLog } from '../../../src/train/log/jsonl.js';
import { performRun, type TrainingRecord } from '../../../src/train/run.js';
import { DEFAULTS } from '../../../src/train/run-options.js';
import { tinyNetwork } from './tiny.js';

const [out, log] = process.argv.slice(2) as [string, string];
const data = 'scenes:3@16x24';
const dataset = await openDataset(data);
const { classes, ignore } = dataset;
await performRun({
  options: {
    ...{ data, out, resume: true, engine: await startEngine(), samples: { split: 'train', start: 0, end: 4 } },
    log: jsonlLog(log),
    progress: ({ done, total }) => void process.stdout.write(`${done}/${total}\n`),
  },
  settings: { ...DEFAULTS, epochs: 8, batch: 2, size: [8, 16], seed: 3 },
  dataset,
  source: openSource(data),
  level: 'clean',
  makeNetwork: () => tinyNetwork(),
  async save(network, record) {
    const config = { network: network.spec, classes, ignore, preprocessing: IMAGENET, storage: 'fp32' as const };
    await saveCheckpoint(out, { ...config, training: { ...record } }, stateDict(network), network.parameters);
  },
  readRecord: async () => (await readCheckpointConfig(out)).training as unknown as TrainingRecord,
});
