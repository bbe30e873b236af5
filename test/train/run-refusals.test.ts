import { expect } from 'chai';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadCheckpoint } from '../../src/models/checkpoint.js';
import type { Split } from '../../src/select/split.js';
import { finetune, type FinetuneOptions } from '../../src/train/finetune.js';
import { refreshStatistics } from '../../src/train/refresh-statistics.js';
import { trainBase } from '../../src/train/train-base.js';
import { expectFailure } from '../support/failure.js';
import { DATA, slice, trainedRuns, type TrainedRuns } from './support/trained-runs.js';

describe('train: what a run refuses, and warns of', () => {
  const runs = trainedRuns();
  let { engine, root, base, split, trainOptions } = {} as TrainedRuns;
  before(() => ({ engine, root, base, split, trainOptions } = runs()));

  it('a mixture is validated on as many samples as are asked for, at each of its levels', async function () {
    this.timeout(180_000);
    const totals = new Set<number>();
    await finetune({
      ...{
        engine,
        checkpoint: base,
        data: DATA,
        level: 'mixed',
        out: join(root, 'mixed'),
        samples: slice(4),
        epochs: 1,
      },
      mixture: [{ level: 'jpeg=5' }, { level: 'jpeg=20' }],
      validate: slice(2, 'val'),
      progress: ({ task, total }) => void (task.startsWith('validate') && totals.add(total)),
    });
    expect([...totals]).to.deep.equal([4]);
  });

  it('a run that cannot begin leaves no folder behind', async () => {
    const out = join(root, 'never');
    await expectFailure(trainBase({ ...trainOptions, out, size: [32, 50] }), 'E_USAGE', 'multiples of 8');
    await expectFailure(trainBase({ ...trainOptions, out, batch: 5 }), 'E_TRAIN_DATA');
    await expectFailure(trainBase({ ...trainOptions, out, learningRate: 0 }), 'E_USAGE', 'learning rate');
    await expectFailure(trainBase({ ...trainOptions, out, samples: slice(4, 'dusk') }), 'E_DATA_SPLIT', 'dusk');
    expect(existsSync(out)).to.equal(false);
  });

  it('two processes do not train into one folder', async () => {
    const out = join(root, 'busy');
    mkdirSync(join(out, '.state'), { recursive: true });
    writeFileSync(
      join(out, '.state/lock'),
      JSON.stringify({ pid: process.ppid, host: (await import('node:os')).hostname(), token: 'x' }),
    );
    await expectFailure(trainBase({ ...trainOptions, out }), 'E_USAGE', out, `process ${process.ppid}`);
  });

  it('a fine-tune refuses its base as its folder, other classes, and a split that does not fit', async () => {
    const shared = {
      engine,
      checkpoint: base,
      data: DATA,
      level: 'jpeg=5',
      samples: slice(4),
      epochs: 1,
      out: join(root, 'no'),
    };
    await expectFailure(finetune({ ...shared, out: base, force: true }), 'E_USAGE', 'another folder than the base');
    await expectFailure(finetune({ ...shared, level: 'jpeg=0' }), 'E_DISTORT_LEVEL');
    const other = { ...split, baseHash: 'f'.repeat(64) };
    await expectFailure(finetune({ ...shared, split: other }), 'E_TRAIN_SPLIT', 'f'.repeat(64), 'gearnn split');
    const item = (name: string, tensors: string[]): Split => ({ ...split, items: [{ name, tensors, size: 1 }] });
    await expectFailure(finetune({ ...shared, split: item('up.weight', ['up.weight']) }), 'E_TRAIN_SPLIT', 'up.weight');
    await expectFailure(finetune({ ...shared, split: item('x', ['nothing']) }), 'E_TRAIN_SPLIT', 'nothing');
    const half = item('base.0.1.running', ['base.0.1.running_mean']);
    await expectFailure(finetune({ ...shared, split: half }), 'E_TRAIN_SPLIT', 'both running statistics of base.0.1');
    await expectFailure(finetune({ ...shared, split: { ...split, items: [] } }), 'E_TRAIN_SPLIT', '--budget');
    expect(existsSync(shared.out)).to.equal(false);
  });

  it('a fine-tune warns of a split of another level, and of precise statistics where it trains none', async () => {
    const shared = { engine, checkpoint: base, data: DATA, samples: slice(4), epochs: 1 };
    const warningsOf = async (options: Pick<FinetuneOptions, 'level' | 'split' | 'statistics'>): Promise<string[]> => {
      const warnings: string[] = [];
      const warn = (line: string): unknown => warnings.push(line);
      // All is said before the first step.
      const stop = new AbortController();
      const progress = ({ task }: { task: string }): void => {
        if (task.includes('epoch')) stop.abort(new Error('enough'));
      };
      const how = { out: join(root, 'warn'), force: true, signal: stop.signal, progress, warn };
      await finetune({ ...shared, ...options, ...how }).catch(() => {});
      return warnings;
    };
    expect(await warningsOf({ level: 'jpeg=10', split })).to.deep.equal([
      'the split was measured at jpeg=5, not at jpeg=10',
    ]);
    const { data } = (await loadCheckpoint(base)).state.get('base.0.0.weight')!;
    const size = data.length;
    const weights = { ...split, items: [{ name: 'base.0.0.weight', tensors: ['base.0.0.weight'], size }], size };
    const none = ['no running statistics are fine-tuned, so there are none to measure precisely'];
    expect(await warningsOf({ level: 'jpeg=5', split: weights, statistics: 'precise' })).to.deep.equal(none);
    expect(await warningsOf({ level: 'jpeg=5', split: weights })).to.deep.equal([]);
    expect(await warningsOf({ level: 'jpeg=5', split, statistics: 'precise' })).to.deep.equal([]);

    const tuned = join(root, 'weights');
    await finetune({ ...shared, level: 'jpeg=5', split: weights, out: tuned });
    const warnings: string[] = [];
    const refresh = {
      ...shared,
      level: 'jpeg=5',
      form: 'adaptor',
      tuned,
      out: join(root, 'refreshed-weights'),
    } as const;
    await refreshStatistics({ ...refresh, warn: (line) => warnings.push(line) });
    expect(warnings).to.deep.equal(none);
  });
});
