import { expect } from 'chai';
import * as tf from '@tensorflow/tfjs';
import { existsSync, readFileSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadAdaptor } from '../../src/adaptor/file.js';
import type { ItemsConfig } from '../../src/adaptor/kinds/items.js';
import { thisMachine } from '../../src/engine/machine.js';
import { startEngine, type Engine } from '../../src/engine/start.js';
import { evaluateLevels } from '../../src/eval/levels.js';
import { loadCheckpoint } from '../../src/models/checkpoint.js';
import type { StepEvent } from '../../src/pipeline/executor.js';
import { readExperiment } from '../../src/pipeline/experiment.js';
import { readRecord } from '../../src/pipeline/record.js';
import { planExperiment, runExperiment, type RunExperimentOptions } from '../../src/pipeline/run.js';
import { readResults } from '../../src/report/results.js';
import { rowOf } from '../../src/report/rows.js';
import type { Results } from '../../src/report/schema.js';
import { useEngine } from '../support/engines.js';
import { workFolder } from './support/fake-steps.js';

const CONFIG = {
  experiment: 'tiny',
  data: 'scenes:7@64x64',
  train: 'train[0:8]',
  validate: 'val[0:2]',
  base: { train: { model: 'drn-d-22', width: 0.125, size: '64x64', batch: 4, epochs: 1, learningRate: 0.02 } },
  levels: ['jpeg=5', 'brightness=0.5'],
  budget: '1%',
  finetune: { epochs: 1 },
  rates: { candidates: [0.001, 0.01], levels: ['jpeg=5'], train: '0:4', validate: '4:8' },
  frames: { samples: 1, levels: ['jpeg=5'] },
  seed: 1,
};

/** One experiment through everything; the tests follow each other. */
describe('pipeline: a whole experiment', function () {
  // Seconds on an idle machine; two dozen steps that each start a thread on one that is not.
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

  async function run(changes: object = {}, options: Partial<RunExperimentOptions> = {}) {
    await writeFile(at('config.json'), JSON.stringify({ ...CONFIG, ...changes }));
    const experiment = await readExperiment(at('config.json'));
    const ran: string[] = [];
    const onStep = ({ step, event }: StepEvent): void => {
      if (event === 'run' || event === 'resume') ran.push(`${event} ${step.id}`);
    };
    const shared = { experiment, work: at('work'), record: at('out', 'record.jsonl'), engine, onStep, ...options };
    const outcome = await runExperiment({ ...shared, out: at('out'), command: 'gearnn run config.json' });
    return { ran, outcome, plan: await planExperiment(shared) };
  }
  const results = (): Promise<Results> => readResults(at('out', 'results.json'));

  it('interrupted in the second level, leaves the table and report of the first', async () => {
    const stop = new AbortController();
    const progress = ({ task }: { task: string }): void => {
      if (task.startsWith('full brightness=0.5: epoch')) stop.abort(new Error('stopped'));
    };
    const error = await run({}, { progress, signal: stop.signal }).catch((reason: Error) => reason);
    expect(error).to.have.property('message', 'stopped');
    const { rows, levels, averages } = await results();
    expect(rows.map(({ method, level }) => `${method} ${level}`)).to.deep.equal([
      'original clean',
      'original jpeg=5',
      'adaptor jpeg=5',
      'switching jpeg=5',
    ]);
    expect(levels).to.deep.equal(CONFIG.levels);
    expect(averages?.levels).to.deep.equal(['jpeg=5']);
    expect(readFileSync(at('out', 'report.md'), 'utf8')).to.contain('1 of 2 levels so far');
  });

  it('goes on with the interrupted step, and leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    const { ran, plan } = await run();
    expect(ran).to.deep.equal([
      'resume full brightness=0.5',
      'run split brightness=0.5',
      'run adaptor brightness=0.5',
      'run distort val[:2] brightness=0.5',
      'run evaluate original brightness=0.5',
      'run evaluate adaptor brightness=0.5',
      'run evaluate switching brightness=0.5',
    ]);
    expect(plan.filter(({ state }) => state !== 'cached')).to.deep.equal([]);
    expect(tf.memory().numTensors).to.equal(before);
  });

  it('has a row per method and level, with what each keeps resident', async () => {
    const table = await results();
    const { rows, classes, memory, budget } = table;
    expect(rows).to.have.length(7);
    for (const row of rows) {
      expect(row.scores['miou']).to.be.within(0, 1);
      expect(row.primary).to.equal('miou');
      expect(row.iou).to.have.length(classes.length);
    }
    const total = rowOf(table, 'original', 'jpeg=5')!.parameters;
    const adaptors = table.splits.map(({ size }) => size);
    expect(budget.parameters).to.equal(Math.floor(total / 100));
    for (const size of adaptors) expect(size).to.be.within(1, budget.parameters);
    expect(rowOf(table, 'adaptor', 'jpeg=5')!.parameters).to.equal(total + adaptors[0]!);
    expect(memory.map(({ parameters }) => parameters).slice(0, 2)).to.deep.equal([
      total,
      total + adaptors[0]! + adaptors[1]!,
    ]);
  });

  it('scores as `gearnn eval` does on the same adaptors and full fine-tunes, distorting in memory', async () => {
    const steps = await readdir(at('work', 'steps'));
    const base = at(
      'work',
      'steps',
      steps.find((name) => name.startsWith('base-'))!,
      'checkpoint',
    );
    const rows = await evaluateLevels({
      checkpoint: base,
      adaptors: at('work', 'adaptors'),
      // They answer whether they gain or not.
      calibration: 'ignored',
      data: CONFIG.data,
      split: 'val',
      samples: ['val/0000', 'val/0001'],
      levels: CONFIG.levels,
      precision: 'fp32',
    });
    const table = await results();
    for (const { method, level, miou, pixelAccuracy } of rows) {
      // Weights frozen into a graph round differently from weights that are read: a pixel at most.
      const { scores } = rowOf(table, method, level)!;
      expect(scores['pixelAccuracy'], `${method} ${level}`).to.be.closeTo(pixelAccuracy!, 2e-4);
      expect(scores['miou'], `${method} ${level}`).to.be.closeTo(miou!, 2e-3);
    }
    const checkpoint = await loadCheckpoint(base);
    const { config } = await loadAdaptor(at('work', 'adaptors', 'jpeg=5'), checkpoint);
    const { items } = config as ItemsConfig;
    expect(items.map(({ name }) => name)).to.deep.equal(table.splits[0]!.items);
  });

  it('uses at each level the best learning rate of the nearest level tried', async () => {
    const { rates, training } = await results();
    expect(rates).to.have.length(4);
    for (const method of ['switching', 'adaptor'] as const) {
      const trials = rates.filter((trial) => trial.method === method);
      const best = trials.reduce((a, b) => (b.score! > a.score! ? b : a));
      expect(trials.filter(({ chosen }) => chosen)).to.deep.equal([best]);
      const used = training.filter((entry) => entry.method === method).map(({ learningRate }) => learningRate);
      expect(used).to.deep.equal([best.learningRate, best.learningRate]);
    }
  });

  it('shows example images in the report, and none with frames: false', async () => {
    expect(readFileSync(at('out', 'report.html'), 'utf8')).to.contain('data:image/jpeg;base64,');
    const { ran } = await run({}, { frames: false });
    expect(ran).to.deep.equal([]);
    expect(readFileSync(at('out', 'report.html'), 'utf8')).not.to.contain('data:image/');
  });

  it('on a machine that has only the record, runs nothing and comes to the same results', async () => {
    const { rows, splits, training, rates, memory, environment } = await results();
    const steps = readFileSync(at('out', 'record.jsonl'), 'utf8').trimEnd().split('\n').length;
    expect(environment.machines).to.deep.equal([{ machine: thisMachine(engine), steps }]);
    const { ran, plan } = await run({}, { frames: false, work: at('elsewhere') });
    expect(ran).to.deep.equal([]);
    expect(plan.map(({ state }) => state)).to.satisfy((states: string[]) => states.every((it) => it === 'recorded'));
    expect(await results()).to.deep.include({ rows, splits, training, rates, memory, environment });
    const anew = await run({}, { frames: false, work: at('elsewhere'), ignoreRecord: true, only: [] });
    expect(anew.ran).to.deep.equal(['run base', 'run evaluate original clean']);
    await rm(at('elsewhere'), { recursive: true });
    await run({}, { frames: false });
  });

  it('with another budget, runs splits and adaptors again and no full fine-tune', async () => {
    // One level alone; what is done of the others stays in the table.
    const { ran } = await run({ budget: '0.9%' }, { only: ['jpeg=5'] });
    expect(ran).to.include.members(['run split jpeg=5', 'run adaptor jpeg=5', 'run evaluate adaptor jpeg=5']);
    expect(ran.filter((line) => /full|base|distort|original|switching|brightness/.test(line))).to.deep.equal([]);
    const table = await results();
    expect(rowOf(table, 'adaptor', 'jpeg=5')).to.not.equal(undefined);
    expect(rowOf(table, 'switching', 'brightness=0.5')).to.not.equal(undefined);
    expect(rowOf(table, 'adaptor', 'brightness=0.5')).to.equal(undefined);
    // The record keeps them for whoever goes back to the first budget.
    const record = await readRecord(at('out', 'record.jsonl'));
    expect(record.latest('adaptor brightness=0.5')).to.not.equal(undefined);
  });

  it('refuses trials on samples that there are not, before anything runs', async () => {
    const rates = { ...CONFIG.rates, validate: '8:12' };
    const error = await run({ rates }).catch((reason: Error) => reason);
    expect((error as Error).message).to.contain(
      'rates.validate: expected positions among the 8 samples of train[:8], got 8:12',
    );
  });

  for (const place of ['work', 'out']) {
    it(`gives up waiting for another run that does not end with writing to ${place === 'work' ? 'its folder' : 'the results'}`, async () => {
      await writeFile(at(place, 'lock'), JSON.stringify({ pid: process.ppid, host: 'elsewhere', token: 'x' }));
      const error = await run({}, { patience: 0.2 }).catch((reason: Error & { code?: string }) => reason);
      expect(error).to.have.property('code', 'E_PIPELINE_LOCKED');
      expect((error as Error).message)
        .to.contain(at(place))
        .and.contain(`--${place}`);
      expect(existsSync(at(place, 'lock'))).to.equal(true);
      await rm(at(place, 'lock'));
    });
  }
});
