import { expect } from 'chai';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../../src/engine/start.js';
import { startEngine } from '../../src/engine/start.js';
import { buildGraph } from '../../src/pipeline/experiment-graph.js';
import { readExperiment } from '../../src/pipeline/experiment.js';
import type { StepEvent } from '../../src/pipeline/executor.js';
import { inOrder, type Step } from '../../src/pipeline/graph.js';
import { runExperiment } from '../../src/pipeline/run.js';
import { rowOf } from '../../src/report/rows.js';
import { useEngine } from '../support/engines.js';
import { expectFailure } from '../support/failure.js';
import { workFolder } from './support/fake-steps.js';

const CONFIG = {
  experiment: 'objectives',
  data: 'scenes:7@32x64',
  train: 'train[0:4]',
  validate: 'val[0:2]',
  base: { train: { model: 'drn-d-22', width: 0.125, size: '32x64', batch: 2, epochs: 1, learningRate: 0.02 } },
  levels: ['jpeg=5'],
  budget: '2%',
  finetune: { epochs: 1, learningRate: { full: 0.01, adaptor: 0.01 } },
  seed: 1,
};

const taught = (method: string, objective = 'teacher') => ({ method, name: `taught-${method}`, objective });

describe('pipeline: objectives of methods', function () {
  this.timeout(300_000);
  let folder: string;
  before(() => (folder = workFolder()));
  after(() => rm(folder, { recursive: true, force: true }));

  async function experimentOf(methods: unknown[]) {
    const path = join(folder, 'config.json');
    await writeFile(path, JSON.stringify({ ...CONFIG, methods }));
    return readExperiment(path);
  }

  async function stepsOf(methods: unknown[]): Promise<Step[]> {
    const engine = { name: 'cpu', version: '0', precision: 'fp32', threads: 1 } as Engine;
    const experiment = await experimentOf(methods);
    const { levels } = await buildGraph({ experiment, work: folder, engine, frames: false });
    return inOrder(levels.flatMap(({ cells }) => cells.map(({ evaluation }) => evaluation)));
  }

  const settingsOf = (steps: readonly Step[], id: string) => {
    const step = steps.find((one) => one.id === id);
    expect(step, `${id} in ${steps.map((one) => one.id).join(', ')}`).not.to.equal(undefined);
    return step!.settings as Record<string, unknown>;
  };

  it('the labels leave no trace, by whatever text', async () => {
    const plain = await stepsOf(['adaptor', 'switching', 'mixed', 'lora']);
    const methods = ['adaptor', 'switching', 'mixed', 'lora'].map((method) => ({ method, objective: 'labels' }));
    const named = await stepsOf(methods);
    const known = (steps: Step[]) => steps.map(({ id, kind, settings }) => JSON.stringify({ id, kind, settings }));
    expect(known(named)).to.deep.equal(known(plain));
    for (const { settings } of plain) expect(settings).not.to.have.property('objective');
  });

  it('another one is part of every fine-tune of its method, those that items are chosen by among them', async () => {
    const steps = await stepsOf(['adaptor', taught('adaptor'), taught('lora', 'labels+teacher:0.5:2')]);
    const noted = { objective: 'teacher', temperature: 1 };
    expect(settingsOf(steps, 'adaptor taught-adaptor jpeg=5')).to.include(noted);
    expect(settingsOf(steps, 'full objective=teacher jpeg=5')).to.include(noted);
    expect(settingsOf(steps, 'full jpeg=5')).not.to.have.any.keys('objective', 'temperature');
    const both = { objective: 'labels+teacher', weight: 0.5, temperature: 2, budget: '2%' };
    expect(settingsOf(steps, 'adaptor taught-lora jpeg=5')).to.include(both);
  });

  it('a text that is none is refused with its place', async () => {
    await expectFailure(
      experimentOf([taught('switching', 'teachers')]),
      'E_PIPELINE_CONFIG',
      'methods[0].objective',
      'teacher',
    );
    await expectFailure(
      experimentOf([{ method: 'bn-statistics', objective: 'teacher' }]),
      'E_PIPELINE_CONFIG',
      'objective',
    );
  });

  it('train other networks than the labels do, through everything', async function () {
    await useEngine(this, 'tensorflow');
    const engine = await startEngine({ engine: 'tensorflow' });
    const methods = ['original', 'adaptor', ...['adaptor', 'switching', 'lora'].map((method) => taught(method))];
    const ran: string[] = [];
    const onStep = ({ step, event }: StepEvent): void => {
      if (event === 'run') ran.push(step.id);
    };
    const options = { work: join(folder, 'work'), out: join(folder, 'out'), engine, onStep, frames: false };
    const run = async () => {
      ran.length = 0;
      const experiment = await experimentOf(methods);
      return (await runExperiment({ experiment, ...options, command: 'gearnn run config.json' })).results;
    };
    const results = await run();
    expect(ran).to.include.members(['full jpeg=5', 'full objective=teacher jpeg=5', 'adaptor taught-lora jpeg=5']);
    // Switching and the adaptor share the taught network.
    expect(ran.filter((id) => id.startsWith('full objective'))).to.have.length(1);
    const ious = results.methods.map(({ name }) => JSON.stringify(rowOf(results, name, 'jpeg=5')!.iou));
    expect(new Set(ious).size).to.equal(ious.length);
    expect(results.methods.find(({ name }) => name === 'taught-lora')!.options).to.deep.equal({ objective: 'teacher' });
    await run();
    expect(ran).to.deep.equal([]);
  });
});
