import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeNpy } from '../../src/common/npy.js';
import { startEngine, type Engine } from '../../src/engine/start.js';
import { measureResponse } from '../../src/frequency/measure.js';
import { summarizeResponse } from '../../src/frequency/bands.js';
import { buildGraph } from '../../src/pipeline/experiment-graph.js';
import { readExperiment, type Experiment } from '../../src/pipeline/experiment.js';
import { runExperiment } from '../../src/pipeline/run.js';
import type { FrequencyRow, Results } from '../../src/report/schema.js';
import { useEngine } from '../support/engines.js';
import { expectFailure } from '../support/failure.js';
import { workFolder } from './support/fake-steps.js';

const CONFIG = {
  experiment: 'frequency',
  data: 'scenes:7@64x96',
  train: 'train[0:4]',
  validate: 'val[1:4]',
  base: { train: { model: 'drn-d-22', width: 0.125, size: '64x64', batch: 4, epochs: 1, learningRate: 0.02 } },
  levels: ['jpeg=5', 'brightness=0.5'],
  methods: ['original', 'switching', { method: 'mixed', levels: ['jpeg=5', 'jpeg=8'] }],
  finetune: { epochs: 1, learningRate: { full: 0.01, adaptor: 0.01 } },
  frequency: { samples: '0:2', levels: ['jpeg=5'], methods: ['original', 'switching'] },
  seed: 1,
};

/** The tests follow each other. */
describe('pipeline: frequency responses', function () {
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

  async function read(changes: object = {}): Promise<Experiment> {
    await mkdir(at('out'), { recursive: true });
    await writeFile(at('out', 'config.json'), JSON.stringify({ ...CONFIG, ...changes }));
    return readExperiment(at('out', 'config.json'));
  }
  async function run(only: string[]): Promise<{ results: Results; ran: string[] }> {
    const ran: string[] = [];
    const { results } = await runExperiment({
      ...{ experiment: await read(), work: at('work'), record: at('out', 'record.jsonl'), engine, only },
      ...{ out: at('out'), command: 'gearnn run config.json' },
      onStep: ({ step, event }) => void (event === 'run' && ran.push(step.id)),
    });
    return { results, ran };
  }
  const rowOf = (rows: FrequencyRow[], method: string, input: string): FrequencyRow =>
    rows.find((row) => row.method === method && row.input === input)!;
  let rows: FrequencyRow[];

  it('are measured for the levels and methods that the config names, once where it is the same network and images', async () => {
    const { results, ran } = await run(['jpeg=5', 'original', 'switching']);
    rows = results.frequency;
    expect(rows.map(({ method, level, input }) => `${method} ${level} ${input}`)).to.deep.equal([
      'original jpeg=5 clean',
      'switching jpeg=5 clean',
      'original jpeg=5 distorted',
      'switching jpeg=5 distorted',
    ]);
    expect(ran.filter((id) => id.startsWith('frequency'))).to.deep.equal([
      'frequency original jpeg=5 on clean',
      'frequency switching jpeg=5 on clean',
      'frequency original jpeg=5 on jpeg=5',
      'frequency switching jpeg=5 on jpeg=5',
    ]);
    for (const row of rows) expect(row).to.include({ images: 2, width: 96, height: 64 });
    expect((await run(['jpeg=5', 'original', 'switching'])).ran).to.deep.equal([]);
  });

  it('are those that `gearnn frequency` measures of the same checkpoint, distorting in memory', async () => {
    const steps = await readdir(at('work', 'steps'));
    const checkpoint = at(
      'work/steps',
      steps.find((name) => name.startsWith('full-'))!,
      'checkpoint',
    );
    for (const [input, level] of [['clean'], ['distorted', 'jpeg=5']] as const) {
      // Two of the validation samples, which begin with the second of the split.
      const samples = { split: 'val', start: 1, end: 3 };
      const { together, loss } = await measureResponse({ checkpoint, data: CONFIG.data, samples, level });
      const row = rowOf(rows, 'switching', input);
      expect(row.loss).to.be.closeTo(loss, 1e-5);
      const { total, shares } = summarizeResponse(together);
      expect(row.total).to.be.closeTo(total, 1e-3 * total);
      expect(row.shares.high).to.be.closeTo(shares.high, 1e-3);
    }
  });

  it('are compared with the original on the same images', () => {
    for (const input of ['clean', 'distorted'] as const) {
      const [own, other] = [rowOf(rows, 'switching', input), rowOf(rows, 'original', input)];
      expect(own.change!.high).to.be.closeTo(own.bands.high / other.bands.high - 1, 1e-12);
      expect(own.change!.high).not.to.equal(0);
      expect(other.change).to.equal(null);
    }
  });

  it('lie beside the results as maps, and in both pages as pictures', async () => {
    const kinds = ['original.npy', 'original.png', 'switching-difference.png', 'switching-ratio.png', 'switching.npy', 'switching.png']; // prettier-ignore
    const markdown = readFileSync(at('out', 'report.md'), 'utf8');
    const html = readFileSync(at('out', 'report.html'), 'utf8');
    for (const input of ['clean', 'distorted'] as const) {
      expect((await readdir(at('out/frequency', input, 'jpeg=5'))).sort()).to.deep.equal(kinds);
      const map = decodeNpy(readFileSync(at('out/frequency', input, 'jpeg=5/switching.npy')))!;
      // 96 is below 160, so that no coefficients are averaged.
      expect(map.shape).to.deep.equal([64, 96]);
      const sum = map.data.reduce((all, value) => all + value, 0);
      expect(sum).to.be.closeTo(rowOf(rows, 'switching', input).total, 1e-5 * sum);
      expect(markdown).to.contain(`(frequency/${input}/jpeg%3D5/switching-ratio.png)`);
      const picture = readFileSync(at('out/frequency', input, 'jpeg=5/switching.png')).toString('base64');
      expect(html).to.contain(picture);
    }
  });

  it('a network for all levels is measured once on clean images', async () => {
    const frequency = { methods: ['original', 'mixed'], inputs: ['clean'] };
    const { levels } = await buildGraph({ experiment: await read({ frequency }), work: at('work'), engine, frames: false }); // prettier-ignore
    const [first, second] = levels.map((level) => level.frequency.map(({ step }) => step));
    expect(first).to.have.length(2);
    expect(first).to.deep.equal(second);
  });

  it('mixed training takes the levels that it is given, and those of the experiment otherwise', async () => {
    const mixtureOf = async (methods: unknown[]): Promise<unknown> => {
      const experiment = await read({ methods, frequency: undefined });
      const { levels } = await buildGraph({ experiment, work: at('work'), engine, frames: false });
      return levels[0]!.cells[0]!.candidate.tuned!.settings;
    };
    expect(await mixtureOf(['mixed'])).to.have.deep.property('levels', CONFIG.levels);
    const own = { method: 'mixed', levels: ['jpeg=08', 'jpeg=7'] };
    expect(await mixtureOf([own])).to.have.deep.property('levels', ['jpeg=8', 'jpeg=7']);
    const twice = mixtureOf([{ method: 'mixed', levels: ['jpeg=8', 'jpeg=8'] }]);
    await expectFailure(twice, 'E_PIPELINE_CONFIG', 'methods.mixed.levels', 'jpeg=8 twice');
  });

  it('of methods, levels or samples that are not there are refused', async () => {
    const refuse = (frequency: object, ...texts: string[]): Promise<void> =>
      expectFailure(read({ frequency }), 'E_PIPELINE_CONFIG', ...texts);
    await refuse({ methods: ['adaptor'] }, 'frequency.methods', '"adaptor"', 'original, switching, mixed');
    await refuse({ levels: ['jpeg=6'] }, 'frequency.levels', 'jpeg=6');
    await refuse({ samples: 'train[0:2]' }, 'frequency.samples', 'train[0:2]');
    await refuse({ inputs: ['blurred'] }, 'frequency.inputs');
  });
});
