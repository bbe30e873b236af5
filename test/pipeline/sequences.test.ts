import { expect } from 'chai';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEngine, type Engine } from '../../src/engine/start.js';
import { estimateExperiment } from '../../src/pipeline/estimate.js';
import type { StepEvent } from '../../src/pipeline/executor.js';
import { readExperiment } from '../../src/pipeline/experiment.js';
import { isAhead } from '../../src/pipeline/plan.js';
import { planExperiment, runExperiment } from '../../src/pipeline/run.js';
import { readResults } from '../../src/report/results.js';
import { scoreOf } from '../../src/report/rows.js';
import { frameOf, nameOf, range, writeFrame, writeRecordings } from '../distort/support/recording.js';
import { useEngine } from '../support/engines.js';
import { expectFailure } from '../support/failure.js';
import { workFolder } from './support/fake-steps.js';

const CONFIG = {
  experiment: 'sequences',
  data: 'list:data',
  train: 'train[0:4]',
  validate: 'val[0:2]',
  base: { train: { model: 'drn-d-22', width: 0.125, size: '24x32', batch: 4, epochs: 1, learningRate: 0.02 } },
  levels: ['h264=40-gop4', 'h264=40'],
  methods: ['original', 'adaptor'],
  budget: '1%',
  finetune: { epochs: 1 },
  frames: { samples: 1 },
  seed: 1,
};

/** One experiment through everything; the tests follow each other. */
describe('pipeline: levels of sequences', function () {
  this.timeout(300_000);
  let folder: string;
  let engine: Engine;
  const at = (...path: string[]): string => join(folder, ...path);

  before(async function () {
    await useEngine(this, 'tensorflow');
    engine = await startEngine({ engine: 'tensorflow' });
    folder = workFolder();
    await writeRecordings(at('data'), { train: { a: range(1, 6) }, val: { b: range(1, 4) }, apart: { c: [1, 9] } }, 1);
  });
  after(() => folder && rm(folder, { recursive: true, force: true }));

  async function experiment(changes: object = {}) {
    await writeFile(at('config.json'), JSON.stringify({ ...CONFIG, ...changes }));
    return { experiment: await readExperiment(at('config.json')), work: at('work'), engine };
  }
  async function run(changes: object = {}): Promise<string[]> {
    const ran: string[] = [];
    const onStep = ({ step, event }: StepEvent): void => void (event === 'run' && ran.push(step.id));
    const command = 'gearnn run config.json';
    await runExperiment({ ...(await experiment(changes)), onStep, out: at('out'), command });
    return ran;
  }

  it('are estimated on whole recordings', async () => {
    const { estimate } = await estimateExperiment(await experiment());
    const copies = estimate.rows.filter(({ kind }) => kind.startsWith('copy'));
    expect(copies.map(({ kind, count, how }) => [kind, count, how])).to.have.deep.members([
      ['copy at h264 sequences', 6, 'mean of 2 images of val'],
      ['copy at h264', 6, 'mean of 2 images of val'],
    ]);
  });

  it('have copies, adaptors and scores of their own beside those of intra frames', async () => {
    const ran = await run();
    for (const level of CONFIG.levels) {
      for (const split of ['train[:4]', 'val[:2]']) expect(ran).to.include(`distort ${split} ${level}`);
      expect(ran).to.include(`adaptor ${level}`);
    }
    const results = await readResults(at('out', 'results.json'));
    for (const level of CONFIG.levels) expect(scoreOf(results, 'adaptor', level)).to.be.a('number');
    expect(await run()).to.deep.equal([]);
  });

  it('are done again where a frame changes that is not among the samples; intra frames are not', async () => {
    await writeFrame(at('data', `images/${nameOf('b', 4)}.png`), frameOf('z', 1));
    const planned = await planExperiment(await experiment());
    const ahead = planned.filter(isAhead).map(({ id }) => id);
    expect(ahead).to.include('distort val[:2] h264=40-gop4').and.not.include('distort val[:2] h264=40');
  });

  it('need frames with neighbours, which is said before anything is done', async () => {
    const failure = planExperiment(await experiment({ validate: 'apart' }));
    await expectFailure(failure, 'E_DISTORT_SEQUENCE', '2 of 2 images without such neighbours');
    // Nothing of the samples to train on is needed at the level where no method is trained.
    const fine = await planExperiment(await experiment({ train: 'apart', methods: ['original'] }));
    expect(fine.map(({ id }) => id)).to.include('evaluate original h264=40-gop4');
  });
});
