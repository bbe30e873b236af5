import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngine, type Engine } from '../../../src/engine/start.js';
import { loadCheckpoint, networkOf } from '../../../src/models/checkpoint.js';
import { createSplit, type Split } from '../../../src/select/split.js';
import { finetune } from '../../../src/train/finetune.js';
import { trainBase, type TrainBaseOptions } from '../../../src/train/train-base.js';

export const DATA = 'scenes:7@32x64';

/** The first samples of a split. */
export const slice = (end: number, split = 'train') => ({ split, start: 0, end });

/** A base, its fine-tune as a whole and an adaptor of a tenth of it, both at `jpeg=5`. */
export interface TrainedRuns {
  engine: Engine;
  /** Folder that holds them, for others. */
  root: string;
  base: string;
  full: string;
  adaptor: string;
  split: Split;
  /** What the base was trained with. */
  trainOptions: TrainBaseOptions;
}

/** Trains them before the tests of a suite and removes them after; to be called in its `describe`. */
export function trainedRuns(): () => TrainedRuns {
  let runs: TrainedRuns;
  before(async function () {
    this.timeout(180_000);
    const engine = await startEngine();
    const root = mkdtempSync(join(tmpdir(), 'gearnn-'));
    const [base, full, adaptor] = ['base', 'full', 'adaptors/jpeg=5'].map((name) => join(root, name)) as [string, string, string]; // prettier-ignore
    const trainOptions: TrainBaseOptions = {
      ...{
        engine,
        data: DATA,
        model: 'drn-d-22',
        width: 0.125,
        samples: slice(4),
        size: [32, 48],
        batch: 2,
        epochs: 1,
      },
      ...{ seed: 5, momentum: 0.8, storage: 'fp16', validate: slice(2, 'val'), out: base },
    };
    await trainBase(trainOptions);
    const shared = { engine, checkpoint: base, data: DATA, level: 'jpeg=5', samples: slice(4), epochs: 1 };
    await finetune({ ...shared, out: full });
    const split = await makeSplit(base, full);
    await finetune({ ...shared, split, out: adaptor });
    runs = { engine, root, base, full, adaptor, split, trainOptions };
  });
  after(() => rmSync(runs.root, { recursive: true }));
  return () => runs;
}

/** A tenth of the network, as gearnn split would choose it. */
async function makeSplit(base: string, full: string): Promise<Split> {
  const [before, after] = [await loadCheckpoint(base), await loadCheckpoint(full)];
  const network = networkOf(before);
  const made = createSplit({
    ...{ parameters: network.parameters, base: before.state, tuned: after.state },
    ...{ level: 'jpeg=5', baseHash: before.hash, budget: '10%' },
  });
  network.dispose();
  return made;
}
