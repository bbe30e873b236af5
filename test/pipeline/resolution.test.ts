import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEngine, type Engine } from '../../src/engine/start.js';
import { imageFileSize } from '../../src/image/decode.js';
import { readCheckpointConfig } from '../../src/models/checkpoint.js';
import type { StepEvent } from '../../src/pipeline/executor.js';
import type { Identity } from '../../src/pipeline/identity.js';
import { readExperiment } from '../../src/pipeline/experiment.js';
import { planExperiment, runExperiment, type RunExperimentOptions } from '../../src/pipeline/run.js';
import { readResults } from '../../src/report/results.js';
import { rowOf } from '../../src/report/rows.js';
import type { Results } from '../../src/report/schema.js';
import { useEngine } from '../support/engines.js';
import { workFolder } from './support/fake-steps.js';

const CONFIG = {
  experiment: 'sizes',
  data: 'scenes:7@48x64',
  train: 'train[0:4]',
  validate: 'val[0:2]',
  base: { train: { model: 'drn-d-22', width: 0.125, size: '24x32', batch: 4, epochs: 1, learningRate: 0.02 } },
  // Smaller than the crop, with a height that is no multiple of 8; and larger, with another step after it.
  levels: ['resolution=20x14', 'resolution=0.75x+jpeg=30'],
  methods: ['original', 'adaptor', 'switching', 'bn-statistics', 'mixed'],
  budget: '1%',
  finetune: { epochs: 1, learningRate: { full: 0.01, adaptor: 0.01 } },
  frames: { samples: 1, levels: ['resolution=20x14'] },
  seed: 1,
};

/** One experiment through everything; the tests follow each other. */
describe('pipeline: levels of resolution', function () {
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
    const shared = { experiment, work: at('work'), engine, onStep, ...options };
    await runExperiment({ ...shared, out: at('out'), command: 'gearnn run config.json' });
    return { ran, plan: await planExperiment(shared) };
  }
  const results = (): Promise<Results> => readResults(at('out', 'results.json'));
  const stepFolder = async (kind: string, level?: string): Promise<string> => {
    const steps = at('work', 'steps');
    const names = (await readdir(steps)).filter((name) => name.startsWith(`${kind}-`));
    const found = names.find((name) => {
      const { step } = JSON.parse(readFileSync(join(steps, name, 'stamp.json'), 'utf8')) as { step: Identity };
      const settings = step.settings as Record<string, unknown>;
      return level === undefined || (settings['level'] === level && settings['split'] !== 'train');
    });
    return join(steps, found!);
  };

  it('stopped within a fine-tune of one size, goes on there', async () => {
    const stop = new AbortController();
    const progress = ({ task }: { task: string }): void => {
      if (task.startsWith('full resolution=0.75x+jpeg=30: epoch')) stop.abort(new Error('stopped'));
    };
    const error = await run({}, { progress, signal: stop.signal }).catch((reason: Error) => reason);
    expect(error).to.have.property('message', 'stopped');
    const { ran } = await run();
    expect(ran).to.include('resume full resolution=0.75x+jpeg=30');
    expect(ran).not.to.include('run full resolution=20x14');
  });

  it('every method has a score at every size, over all pixels of the labels', async () => {
    const table = await results();
    expect(table.methods.map(({ name }) => name)).to.deep.equal(CONFIG.methods);
    for (const level of CONFIG.levels) {
      for (const method of CONFIG.methods) {
        const row = rowOf(table, method, level)!;
        expect(row.scores['pixelAccuracy'], `${method} ${level}`).to.be.within(0, 1);
        if (method === 'original') continue;
        expect(row.iou, `${method} ${level}`).not.to.deep.equal(rowOf(table, 'original', level)!.iou);
      }
    }
  });

  it('pictures smaller than the crop are trained on whole, larger ones in crops, and a mixture in crops of the largest', async () => {
    const settingsOf = async (kind: string, level?: string): Promise<unknown> =>
      (await readCheckpointConfig(join(await stepFolder(kind, level), 'checkpoint'))).training['settings'];
    expect(await settingsOf('full', 'resolution=20x14')).to.include({ size: '16x24', border: 'mirror' });
    expect(await settingsOf('full', 'resolution=0.75x+jpeg=30')).to.include({ size: '24x32' });
    expect(await settingsOf('mixed')).to.include({ size: '24x32', border: 'mirror' });
  });

  it('copies hold the smaller pictures beside labels of their own size', async () => {
    const copy = join(await stepFolder('distort', 'resolution=20x14'), 'resolution=20x14');
    const [image] = await readdir(join(copy, 'val'));
    expect(await imageFileSize(join(copy, 'val', image!))).to.include({ width: 20, height: 14 });
    expect(await imageFileSize(join(copy, 'val-labels', image!))).to.include({ width: 64, height: 48 });
  });

  it('again runs nothing, and with pictures enlarged for the network all but the base and the copies', async () => {
    expect((await run()).ran).to.deep.equal([]);
    const before = await results();
    const { ran } = await run({ inferSize: 'original' }, { only: ['resolution=20x14', 'original', 'switching'] });
    expect(ran.sort()).to.deep.equal([
      'run evaluate original resolution=20x14',
      'run evaluate switching resolution=20x14',
      'run full resolution=20x14',
    ]);
    const after = await results();
    expect(rowOf(after, 'original', 'clean')).to.deep.equal(rowOf(before, 'original', 'clean'));
    for (const method of ['original', 'switching']) {
      const [one, other] = [before, after].map((table) => rowOf(table, method, 'resolution=20x14')!.iou);
      expect(one, method).not.to.deep.equal(other);
    }
  });
});
