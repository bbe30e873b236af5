import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEngine, type Engine } from '../../../src/engine/start.js';
import type { StepEvent } from '../../../src/pipeline/executor.js';
import { addressOf } from '../../../src/pipeline/identity.js';
import type { Stamp } from '../../../src/pipeline/stamp.js';
import { readExperiment } from '../../../src/pipeline/experiment.js';
import { runExperiment, type RunExperimentOptions } from '../../../src/pipeline/run.js';
import { primaryScore, rowOf } from '../../../src/report/rows.js';
import type { Results } from '../../../src/report/schema.js';
import { useEngine } from '../../support/engines.js';
import { workFolder } from '../support/fake-steps.js';

const CONFIG = {
  experiment: 'methods',
  data: 'scenes:7@64x64',
  train: 'train[0:4]',
  validate: 'val[0:5]',
  base: { train: { model: 'drn-d-22', width: 0.125, size: '64x64', batch: 4, epochs: 1, learningRate: 0.02 } },
  levels: ['jpeg=5', 'brightness=0.5'],
  budget: '1%',
  finetune: { epochs: 1, learningRate: { full: 0.01, adaptor: 0.01 } },
  intervals: { block: 1 },
  seed: 1,
};

/** Methods through everything, at one level where no other is needed; the tests follow each other. */
describe('pipeline: methods run', function () {
  this.timeout(300_000);
  let folder: string;
  let engine: Engine;
  const at = (...path: string[]): string => join(folder, ...path);

  before(async function () {
    await useEngine(this, 'tensorflow');
    engine = await startEngine({ engine: 'tensorflow' });
    folder = workFolder();
  });
  after(() => folder && rm(folder, { recursive: true, force: true }));

  async function run(
    methods: unknown[],
    only?: string[],
    changes: Partial<RunExperimentOptions> = {},
  ): Promise<{ results: Results; ran: string[] }> {
    await writeFile(at('config.json'), JSON.stringify({ ...CONFIG, methods }));
    const experiment = await readExperiment(at('config.json'));
    const ran: string[] = [];
    const onStep = ({ step, event }: StepEvent): void => {
      if (event === 'run') ran.push(step.id);
    };
    const options = { experiment, work: at('work'), out: at('out'), engine, onStep, only, frames: false, ...changes };
    const { results } = await runExperiment({ ...options, command: 'gearnn run config.json' });
    return { results, ran };
  }

  it('each is trained and scored, with what it keeps in memory', async () => {
    const { results } = await run(
      [
        ...['original', 'adaptor', 'greedy', 'bn-statistics', 'taylor', 'aligned', 'aligned-affine', 'lora', 'mixed'],
        { method: 'stability', name: 'stable', alpha: 2, sigma: 0.2 },
      ],
      ['jpeg=5'],
    );
    const names = results.methods.map(({ name }) => name);
    expect(Object.keys(results.averages!.means)).to.deep.equal(names);
    const original = rowOf(results, 'original', 'jpeg=5')!;
    for (const name of names.slice(1)) {
      const row = rowOf(results, name, 'jpeg=5')!;
      expect(primaryScore(row), name).to.be.within(0, 1);
      // Each is another network than the base.
      expect(row.iou, name).not.to.deep.equal(original.iou);
      const size = results.choices.find(({ method }) => method === name)?.size;
      if (size !== undefined) expect(row.parameters - original.parameters, name).to.equal(size);
      else if (!['lora', 'aligned', 'aligned-affine'].includes(name))
        expect(row.parameters, name).to.equal(original.parameters);
      else expect(row.parameters - original.parameters, name).to.be.within(1, results.budget.parameters);
    }
    for (const name of ['adaptor', 'greedy', 'taylor']) {
      const { size } = results.choices.find(({ method }) => method === name)!;
      expect(size, name).to.be.within(1, results.budget.parameters);
    }
    // Nothing but statistics moves, by images alone.
    expect(results.choices.find(({ method }) => method === 'bn-statistics')!.groups).to.include({
      normalization: 0,
      convolution: 0,
    });
    expect(results.training.filter(({ level }) => level === null).map(({ method }) => method)).to.deep.equal([
      'mixed',
      'stable',
    ]);
    // Aligned by images alone.
    expect(results.training.find(({ method }) => method === 'aligned')).to.include({ epochs: 0, loss: null });
    const page = readFileSync(at('out', 'report.html'), 'utf8');
    for (const name of names) expect(page).to.contain(`>${name}</th>`);
  });

  it('each difference from the adaptor has an interval around it, from counts per image that stay small', async () => {
    const { intervals, averages } = JSON.parse(readFileSync(at('out', 'results.json'), 'utf8')) as Results;
    expect(intervals.map(({ method }) => method)).to.deep.equal([
      'original',
      'greedy',
      'bn-statistics',
      'taylor',
      'aligned',
      'aligned-affine',
      'lora',
      'mixed',
      'stable',
    ]);
    for (const { method, points, low, high } of intervals) {
      expect(points, method).to.be.closeTo(100 * (averages!.means[method]! - averages!.means['adaptor']!), 1e-9);
      expect(low, method).to.be.at.most(high);
    }
    expect(readFileSync(at('out', 'report.md'), 'utf8')).to.contain(
      '| method | over adaptor | 95% interval | excludes 0 |',
    );
    expect(readFileSync(at('out', 'counts.json')).length).to.be.below(5000);
  });

  it('counts of another machine count too, and without them there is no interval', async () => {
    const methods = ['original', 'adaptor'];
    const record = { work: at('elsewhere'), record: at('out', 'record.jsonl') };
    await run(methods, ['jpeg=5'], { record: record.record });
    const { results, ran } = await run(methods, ['jpeg=5'], record);
    expect(ran).to.deep.equal([]);
    expect(results.intervals.map(({ method }) => method)).to.deep.equal(['original']);
    await rm(at('out', 'counts.json'));
    expect((await run(methods, ['jpeg=5'], record)).results.intervals).to.deep.equal([]);
    expect(readFileSync(at('out', 'report.md'), 'utf8')).not.to.contain('interval');
  });

  it('with fewer than five blocks of images there is no interval', async () => {
    await writeFile(at('config.json'), JSON.stringify({ ...CONFIG, intervals: { block: 2 } }));
    const experiment = await readExperiment(at('config.json'));
    const options = {
      experiment,
      work: at('work'),
      out: at('out'),
      engine,
      only: ['jpeg=5', 'original', 'adaptor'],
      frames: false,
    };
    const { results } = await runExperiment({ ...options, command: 'gearnn run config.json' });
    expect(results.averages!.levels).to.deep.equal(['jpeg=5']);
    expect(results.intervals).to.deep.equal([]);
  });

  it('precise statistics are a step after fine-tunes that were there, and all that is new to a method', async () => {
    const precise = (method: string, options = {}) => ({
      method,
      name: `${method}-precise`,
      statistics: 'precise',
      ...options,
    });
    const tuned = [
      ...['adaptor', 'switching', 'mixed', 'bn-statistics'].map((method) => precise(method)),
      precise('stability', { alpha: 2, sigma: 0.2 }),
    ];
    const { ran, results } = await run(['original', 'adaptor', 'switching', ...tuned], ['jpeg=5'], {
      record: at('record.jsonl'),
    });
    expect(ran.sort()).to.deep.equal(
      [
        'evaluate switching jpeg=5',
        ...['adaptor', 'switching', 'bn-statistics'].map((name) => `statistics ${name}-precise jpeg=5`),
        ...['mixed', 'stability'].map((name) => `statistics ${name}-precise`),
        ...tuned.map(({ name }) => `evaluate ${name} jpeg=5`),
      ].sort(),
    );
    // What the adaptor and adaptor-precise share is in the record once.
    const recorded = readFileSync(at('record.jsonl'), 'utf8').trimEnd().split('\n');
    const keys = recorded.map((line) => addressOf((JSON.parse(line) as Stamp).step));
    expect(new Set(keys).size).to.equal(keys.length);
    expect(results.environment.machines!.reduce((sum, { steps }) => sum + steps, 0)).to.equal(keys.length);
    // How what they are made from was trained.
    const trained = (method: string) => results.training.find((row) => row.method === method);
    expect(trained('adaptor-precise')).to.deep.equal({ ...trained('adaptor'), method: 'adaptor-precise' });
    for (const { name } of tuned) {
      expect(trained(name), name).to.include({ epochs: 1 });
      expect(rowOf(results, name, 'jpeg=5')!.iou, name).not.to.deep.equal(rowOf(results, 'original', 'jpeg=5')!.iou);
    }
    expect(rowOf(results, 'switching-precise', 'jpeg=5')!.iou).not.to.deep.equal(
      rowOf(results, 'switching', 'jpeg=5')!.iou,
    );
  });

  it('the same again under other names and in another order runs nothing', async () => {
    const stable = { method: 'stability', name: 'renamed', alpha: 2, sigma: 0.2 };
    const { ran, results } = await run(['mixed', stable, 'original'], ['jpeg=5']);
    expect(ran).to.deep.equal([]);
    expect(results.rows.map(({ method }) => method)).to.deep.equal(['original', 'mixed', 'renamed', 'original']);
  });
});
