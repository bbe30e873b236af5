import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEngine, type Engine } from '../../../src/engine/start.js';
import type { StepEvent } from '../../../src/pipeline/executor.js';
import { readExperiment } from '../../../src/pipeline/experiment.js';
import { runExperiment } from '../../../src/pipeline/run.js';
import { rowOf, type Results } from '../../../src/report/results.js';
import { useEngine } from '../../support/engines.js';
import { workFolder } from '../support/fake-steps.js';

const CONFIG = {
  experiment: 'methods',
  data: 'scenes:7@64x64',
  train: 'train[0:4]',
  validate: 'val[0:2]',
  base: { train: { model: 'drn-d-22', width: 0.125, size: '64x64', batch: 4, epochs: 1, learningRate: 0.02 } },
  levels: ['jpeg=5', 'brightness=0.5'],
  budget: '1%',
  finetune: { epochs: 2, learningRate: { full: 0.01, adaptor: 0.01 } },
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

  async function run(methods: unknown[], only?: string[]): Promise<{ results: Results; ran: string[] }> {
    await writeFile(at('config.json'), JSON.stringify({ ...CONFIG, methods }));
    const experiment = await readExperiment(at('config.json'));
    const ran: string[] = [];
    const onStep = ({ step, event }: StepEvent): void => {
      if (event === 'run') ran.push(step.id);
    };
    const options = { experiment, work: at('work'), out: at('out'), engine, onStep, only, frames: false };
    const { results } = await runExperiment({ ...options, command: 'gearnn run config.json' });
    return { results, ran };
  }

  const CHOICES = ['greedy', 'random', 'first-layers', 'relative', 'total', 'bn', 'bn-statistics'];

  it('each choice of items is trained and scored, within the budget where it has one', async () => {
    const { results } = await run(['original', 'adaptor', ...CHOICES], ['jpeg=5']);
    for (const method of CHOICES) {
      const row = rowOf(results, method, 'jpeg=5')!;
      expect(row.miou, method).to.be.within(0, 1);
      const { size, items } = results.choices.find((choice) => choice.method === method)!;
      expect(row.parameters - rowOf(results, 'original', 'jpeg=5')!.parameters, method).to.equal(size);
      if (!method.startsWith('bn')) expect(size, method).to.be.within(1, results.budget.parameters);
      expect(items, method).not.to.deep.equal(results.splits[0]!.items);
    }
    expect(Object.keys(results.averages!.miou)).to.deep.equal(['original', 'adaptor', ...CHOICES]);
  });

  it('statistics alone are moved by images, with no weight to train', async () => {
    const { results } = await run(['original', 'bn-statistics'], ['jpeg=5']);
    const { groups } = results.choices[0]!;
    expect(groups.statistics).to.be.above(0);
    expect(groups).to.include({ normalization: 0, convolution: 0 });
    expect(rowOf(results, 'bn-statistics', 'jpeg=5')!.iou).not.to.deep.equal(rowOf(results, 'original', 'jpeg=5')!.iou);
  });

  it('a union is the same items at every level', async () => {
    const { results, ran } = await run(['original', 'union']);
    const [one, two] = results.choices;
    expect(one!.items).to.deep.equal(two!.items);
    expect(ran).to.include.members(['full brightness=0.5', 'adaptor union jpeg=5', 'adaptor union brightness=0.5']);
    expect(results.memory.map(({ method, adaptors }) => [method, adaptors])).to.deep.equal([
      ['original', 0],
      ['union', 2],
      ['union', 1],
    ]);
  });

  it('the report has a column and a curve for each, in the order of the config', async () => {
    await run(['bn', 'original', { method: 'bn', name: 'slow-bn', learningRate: 0.001 }], ['jpeg=5']);
    const markdown = readFileSync(at('out', 'report.md'), 'utf8');
    expect(markdown).to.contain('| level | bn | original | slow-bn |');
    const page = readFileSync(at('out', 'report.html'), 'utf8');
    for (const color of ['series-a', 'original', 'series-b']) expect(page).to.contain(`stroke="var(--${color})"`);
  });
});
