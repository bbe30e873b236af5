import { expect } from 'chai';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createStepPrinter } from '../../cli/step-printer.js';
import { startEngine, type Engine } from '../../src/engine/start.js';
import type { StepEvent } from '../../src/pipeline/executor.js';
import { readExperiment } from '../../src/pipeline/experiment.js';
import { planExperiment, runExperiment, type RunExperimentOptions } from '../../src/pipeline/run.js';
import type { Results } from '../../src/report/schema.js';
import { useEngine } from '../support/engines.js';
import { workFolder } from './support/fake-steps.js';

const CONFIG = {
  experiment: 'proof',
  data: 'scenes:7@32x32',
  train: 'train[0:8]',
  validate: 'val[0:2]',
  base: { train: { model: 'drn-d-22', width: 0.125, size: '32x32', batch: 4, epochs: 2, learningRate: 0.02 } },
  levels: ['jpeg=5', 'jpeg=20'],
  budget: '1%',
  methods: ['original', 'adaptor', 'switching', 'lora'],
  finetune: { epochs: 2 },
  frames: { samples: 0 },
  seed: 1,
};

/** One run from start to end, and others that are held against it; the tests follow each other. */
describe('pipeline: what runs again, and what it comes to', function () {
  this.timeout(300_000);
  let folder: string;
  let engine: Engine;
  let whole: Results;
  before(async function () {
    await useEngine(this, 'tensorflow');
    engine = await startEngine({ engine: 'tensorflow' });
    folder = workFolder();
  });
  after(() => folder && rm(folder, { recursive: true, force: true }));

  async function run(changes: object = {}, { work = 'work', ...options }: Partial<RunExperimentOptions> = {}) {
    await writeFile(join(folder, 'config.json'), JSON.stringify({ ...CONFIG, ...changes }));
    const ran: string[] = [];
    const notes: string[] = [];
    const shared = { experiment: await readExperiment(join(folder, 'config.json')), engine, work: join(folder, work) };
    const printer = createStepPrinter(await planExperiment(shared), (text) => notes.push(text));
    const onStep = (event: StepEvent): void => {
      printer.onStep(event);
      if (event.event === 'run' || event.event === 'resume') ran.push(event.step.id);
    };
    const { results } = await runExperiment({
      ...{ ...shared, ...printer, onStep, out: join(folder, `${work}-out`), command: 'gearnn run config.json' },
      ...options,
    });
    return { ran, notes, results };
  }
  /** Without times, which differ from run to run. */
  const numbers = ({ rows, averages, splits, choices, training, memory }: Results) => ({
    ...{ rows, averages, splits, choices, memory },
    training: training.map(({ method, level, learningRate, epochs, loss }) => [
      method,
      level,
      learningRate,
      epochs,
      loss,
    ]),
  });

  it('run again with nothing changed, it does nothing and says so', async () => {
    const first = await run();
    whole = first.results;
    expect(first.ran.length).to.be.greaterThan(10);
    const { ran, notes, results } = await run();
    expect(ran).to.deep.equal([]);
    expect(notes).to.deep.equal([`${first.ran.length} of ${first.ran.length} steps are done already`]);
    expect(results).to.deep.equal(whole);
  });

  it('with one level changed, it runs that level alone', async () => {
    const { ran, results } = await run({ levels: ['jpeg=5', 'jpeg=30'] });
    expect(ran).to.include.members(['full jpeg=30', 'adaptor jpeg=30', 'adaptor lora jpeg=30']);
    expect(ran.filter((id) => !id.endsWith(' jpeg=30'))).to.deep.equal([]);
    const kept = (all: Results) => all.rows.filter(({ level }) => level === 'jpeg=5' || level === 'clean');
    expect(kept(results)).to.deep.equal(kept(whole));
    expect(results.rows.filter(({ level }) => level === 'jpeg=30')).to.have.length(CONFIG.methods.length);
  });

  it('with the record alone, an adaptor that is missing is trained without its whole network', async () => {
    const record = join(folder, 'record.jsonl');
    await run({}, { record });
    const lines = (await readFile(record, 'utf8')).split('\n');
    await writeFile(record, lines.filter((line) => !/"id":"(evaluate )?adaptor jpeg=5"/.test(line)).join('\n'));
    const { ran, results } = await run({}, { work: 'fresh', record });
    const copies = ['distort train[:8] jpeg=5', 'distort val[:2] jpeg=5'];
    expect(ran).to.have.members(['base', ...copies, 'adaptor jpeg=5', 'evaluate adaptor jpeg=5']);
    expect(numbers(results).rows).to.deep.equal(whole.rows);
    expect(await readFile(join(folder, 'fresh', 'adaptors', 'jpeg=5', 'adaptor.safetensors'))).to.deep.equal(
      await readFile(join(folder, 'work', 'adaptors', 'jpeg=5', 'adaptor.safetensors')),
    );
  });

  it('interrupted again and again in the midst of training, it ends in the same numbers', async () => {
    const stops = ['base: epoch 2', 'full jpeg=5: epoch 2', 'adaptor jpeg=5: epoch 2', 'adaptor lora jpeg=20: epoch 2'];
    for (const stop of stops) {
      const controller = new AbortController();
      const progress = ({ task }: { task: string }): void => {
        if (task.startsWith(stop)) controller.abort(new Error(stop));
      };
      const error = await run({}, { work: 'again', progress, signal: controller.signal }).catch(
        (reason: Error) => reason,
      );
      expect(error, stop).to.have.property('message', stop);
    }
    const { ran, results } = await run({}, { work: 'again' });
    expect(ran[0]).to.equal('adaptor lora jpeg=20');
    expect(numbers(results)).to.deep.equal(numbers(whole));
  });
});
