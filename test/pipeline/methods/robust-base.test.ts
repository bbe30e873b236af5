import { expect } from 'chai';
import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readAdaptorConfig } from '../../../src/adaptor/file.js';
import { baseHash } from '../../../src/models/checkpoint.js';
import { inOrder, type Step } from '../../../src/pipeline/graph.js';
import { primaryScore, rowOf } from '../../../src/report/rows.js';
import { useEngine } from '../../support/engines.js';
import { expectFailure } from '../../support/failure.js';
import { workFolder } from '../support/fake-steps.js';
import { smallGraph, smallRun } from '../support/small-run.js';

const LEVELS = ['jpeg=5', 'brightness=0.3'];

describe('pipeline: a robust base', function () {
  this.timeout(180_000);
  let folder: string;
  before(() => (folder = workFolder()));
  after(() => rm(folder, { recursive: true, force: true }));

  const settingsOf = (steps: readonly Step[], id: string) =>
    steps.find((step) => step.id === id)!.settings as Record<string, unknown>;

  async function stepsOf(method: object = {}, changes: object = {}): Promise<Step[]> {
    const methods = ['original', { method: 'robust-base', ...method }];
    const { levels } = await smallGraph(folder, { methods, levels: LEVELS, ...changes });
    return inOrder(levels.flatMap(({ cells }) => cells.map(({ evaluation }) => evaluation)));
  }

  it('takes as many epochs as adaptors alone, and measures sensitivities against the network for all levels', async () => {
    const steps = await stepsOf({}, { finetune: { epochs: 5 } });
    const network = steps.find(({ id }) => id === 'network robust-base')!;
    // 2 levels of 5 epochs: 2 for each adaptor, 6 for the network.
    expect(network.settings).to.include({ epochs: 6 });
    for (const level of LEVELS) {
      expect(settingsOf(steps, `adaptor robust-base ${level}`)).to.include({ epochs: 2 });
      const split = steps.find(({ id }) => id === `split ${level} on robust-base`)!;
      expect(split.inputs['base']).to.equal(network);
      expect(split.inputs['full']!.inputs['base']).to.equal(network);
    }
    const counted = await stepsOf({}, { finetune: { steps: 7 } });
    expect(settingsOf(counted, 'network robust-base')['steps']).to.equal(8);
    expect(settingsOf(counted, 'adaptor robust-base jpeg=5')['steps']).to.equal(3);
    const named = await stepsOf({ networkEpochs: 3, adaptorEpochs: 1 }, { finetune: { epochs: 1 } });
    expect(settingsOf(named, 'network robust-base')).to.include({ epochs: 3 });
  });

  it('trains on nothing that is kept apart', async () => {
    // Of ten samples five blocks of one are the least.
    const steps = await stepsOf();
    const trained = steps.filter(({ id }) => /^(network|full|adaptor) /.test(id));
    expect(trained).to.have.length(5);
    for (const { id, settings } of trained) expect((settings as { train: unknown }).train, id).to.deep.equal([0, 5]);
    expect(settingsOf(steps, 'keep robust-base jpeg=5')['apart']).to.deep.equal([5, 10]);
    const first = await stepsOf({ apart: '0:6' });
    expect(settingsOf(first, 'network robust-base')['train']).to.deep.equal([6, 10]);
    expect(settingsOf(first, 'keep robust-base jpeg=5')['apart']).to.deep.equal([0, 6]);
  });

  it('refuses samples that cannot be kept apart, and a length that cannot be divided', async () => {
    for (const apart of ['2:8', '0:4', '0:10', 'val[0:5]', '20:30']) {
      await expectFailure(stepsOf({ apart }), 'E_PIPELINE_CONFIG', 'methods.robust-base.apart', apart);
    }
    await expectFailure(stepsOf({}, { intervals: { block: 3 } }), 'E_PIPELINE_CONFIG', 'too few samples');
    await expectFailure(stepsOf({}, { finetune: { epochs: 1 } }), 'E_PIPELINE_CONFIG', 'networkEpochs');
  });

  it('serves what surely wins, and says so', async function () {
    await useEngine(this, 'tensorflow');
    const base = { train: { model: 'drn-d-22', width: 0.125, size: '32x64', batch: 2, epochs: 3, learningRate: 0.02 } };
    const methods = [
      'original',
      { method: 'robust-base', name: 'strong', learningRate: 0.02 },
      { method: 'robust-base', name: 'idle', learningRate: 1e-9, share: 0.25 },
    ];
    const { results } = await smallRun(folder, { methods, base, levels: LEVELS, finetune: { epochs: 4 } });
    expect(results.kept).to.have.length(4);
    for (const row of results.kept!) {
      expect(row.kept, JSON.stringify(row)).to.equal(row.low > 0);
      expect(row.low).to.be.at.most(row.high);
      const at = join(folder, 'work', 'methods', row.method, row.level);
      expect(existsSync(at)).to.equal(row.kept);
      const { parameters } = rowOf(results, row.method, row.level)!;
      expect(parameters > rowOf(results, 'original', row.level)!.parameters).to.equal(row.kept);
      const robust = await baseHash(join(folder, 'work', 'methods', row.method, 'base'));
      if (row.kept) expect((await readAdaptorConfig(at)).base).to.equal(robust);
    }
    // What changes next to nothing wins nowhere: the network answers, the same at a level as without its adaptor.
    expect(results.kept!.filter(({ method }) => method === 'idle').map(({ kept }) => kept)).to.deep.equal([
      false,
      false,
    ]);
    expect(primaryScore(rowOf(results, 'idle', 'jpeg=5')!)).to.be.within(0, 1);
    expect(results.training.filter(({ level }) => level === null).map(({ method }) => method)).to.deep.equal([
      'strong',
      'idle',
    ]);
    const markdown = readFileSync(join(folder, 'out', 'report.md'), 'utf8');
    expect(markdown).to.contain('## What serves');
    expect(markdown).to.match(/\| jpeg=5 \| idle \| network alone \|/);
    expect(readFileSync(join(folder, 'out', 'report.html'), 'utf8')).to.contain('What serves');
  });
});
