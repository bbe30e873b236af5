import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkDataset } from '../../src/data/check.js';
import { openDataset } from '../../src/data/registry.js';
import { startEngine, type Engine } from '../../src/engine/start.js';
import { unpackCounts } from '../../src/tasks/segmentation/class-counts.js';
import type { StoredCounts } from '../../src/pipeline/steps/evaluate.js';
import type { Estimate } from '../../src/pipeline/estimate.js';
import { readExperiment } from '../../src/pipeline/experiment.js';
import type { PlannedStep } from '../../src/pipeline/plan.js';
import { planExperiment, runExperiment } from '../../src/pipeline/run.js';
import { gearnn } from '../cli/support/gearnn.js';
import { useEngine } from '../support/engines.js';
import { readSource, ROOT } from '../support/sources.js';
import { writeBase, writeCityscapes } from './support/cityscapes.js';
import { workFolder } from './support/fake-steps.js';

const range = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.round((to - from) / step) + 1 }, (_, i) => Number((from + i * step).toFixed(1)));
const PAPER = ['original', 'adaptor', 'switching', 'mixed', 'stability'];
const H264 = range(15, 24, 1).map((crf) => `h264=${crf}`);

interface Grid {
  model: string;
  levels: string[];
  methods: string[];
  /** Levels that only training has. */
  mixture?: string[];
}

/** The paper's own grids: sections 3.1.2, 4.1, 4.3, 5.1 to 5.3 and 5.5. */
const CONFIGS: Record<string, Grid> = {
  'cityscapes-jpeg': { model: 'drn-d-22', levels: range(10, 100, 10).map((q) => `jpeg=${q}`), methods: PAPER },
  'cityscapes-h264': { model: 'drn-d-38', levels: H264, methods: PAPER },
  'cityscapes-brightness': {
    model: 'drn-d-38',
    levels: range(0.1, 2, 0.1).map((factor) => `brightness=${factor}`),
    methods: PAPER,
  },
  'cityscapes-resolution': {
    model: 'drn-d-38',
    levels: ['2048x1024', '1920x960', '1600x800', '1280x640', '1024x512', '800x400', '512x256'].map(
      (size) => `resolution=${size}`,
    ),
    methods: PAPER,
  },
  'cityscapes-stability': {
    model: 'drn-d-38',
    levels: H264,
    methods: ['original', 'adaptor', ...[0.5, 1, 2].flatMap((a) => [0.05, 0.1].map((s) => `stability-${a}-${s}`))],
  },
  'cityscapes-budget': {
    model: 'drn-d-22',
    levels: [10, 30, 50].map((q) => `jpeg=${q}`),
    methods: ['original', 'switching', 'adaptor', ...[0.1, 0.3, 0.4, 0.5, 0.6, 0.8, 1].map((b) => `adaptor-${b}%`)],
  },
  'cityscapes-frequency': {
    model: 'drn-d-38',
    levels: ['h264=24', 'jpeg=10', 'brightness=0.1'],
    methods: ['original', 'adaptor', 'switching', 'mixed-h264'],
    mixture: H264.slice(0, -1),
  },
};

describe('pipeline: Cityscapes', function () {
  this.timeout(600_000);
  let folder: string;
  let engine: Engine;
  const at = (...path: string[]): string => join(folder, ...path);
  const variables: Record<string, string> = {};

  before(async function () {
    await useEngine(this, 'tensorflow');
    engine = await startEngine({ engine: 'tensorflow' });
    folder = workFolder();
    await writeCityscapes(at('full'), { width: 2048, height: 1024, train: 2, val: 2 });
    const { classes } = await openDataset(`cityscapes:${at('full')}`);
    variables['CITYSCAPES'] = at('full');
    for (const model of ['drn-d-22', 'drn-d-38']) {
      variables[`CITYSCAPES_${model.toUpperCase().replaceAll('-', '_')}`] = await writeBase(at(model), model, classes);
    }
    Object.assign(process.env, variables);
  });
  after(async () => {
    for (const name of Object.keys(variables)) Reflect.deleteProperty(process.env, name);
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  it('a set of images of 2048x1024 in its own layout has no problems', async () => {
    const { problems } = await checkDataset(`cityscapes:${at('full')}`);
    expect(problems).to.deep.equal([]);
  });

  for (const [name, { model, levels, methods, mixture = [] }] of Object.entries(CONFIGS)) {
    const path = join(ROOT, 'experiments', name, 'config.json');

    it(`${name} has the paper's levels, its network, and fine-tunes as it does`, async () => {
      const experiment = await readExperiment(path);
      expect(experiment.levels.map(({ text }) => text)).to.have.members(levels);
      expect(experiment.methods.map((method) => method.name)).to.have.members(methods);
      expect(experiment.base.checkpoint).to.equal(at(model));
      expect(experiment).to.deep.include({ budget: '0.2%', precision: { train: 'fp32', evaluate: 'fp32' } });
      const { epochs, learningRate } = experiment.finetune;
      expect({ epochs, ...learningRate }).to.deep.equal({ epochs: 4, full: 0.001, adaptor: 0.001 });
    });

    it(`${name} is planned on images of 2048x1024`, async () => {
      // What `gearnn run --dry-run` prints, without starting TensorFlow once more for each.
      const experiment = await readExperiment(path);
      const steps = await planExperiment({ experiment, work: at('work', name), engine });
      const ids = steps.filter(({ kind }) => kind === 'evaluate').map(({ id }) => id);
      const cells = levels.flatMap((level) => methods.map((method) => `evaluate ${method} ${level}`));
      expect(ids).to.have.members(['evaluate original clean', ...cells]);
      expect(steps.filter(({ kind }) => kind === 'distort')).to.have.lengthOf(2 * levels.length + mixture.length);
      expect(steps.every(({ state }) => state === 'run')).to.equal(true);
    });
  }

  describe('cityscapes-jpeg made small', () => {
    let pixels: number[];
    const config = (): string => at('small.json');
    before(async () => {
      pixels = await writeCityscapes(at('small'), { width: 128, height: 64, train: 4, val: 2 });
      const committed = JSON.parse(readSource('experiments/cityscapes-jpeg/config.json')) as { finetune: object };
      const finetune = { ...committed.finetune, size: '64x64', batch: 2, epochs: 1 };
      const small = { data: `cityscapes:${at('small')}`, levels: ['jpeg=10'], budget: '2%', workers: 1, finetune };
      const frequency = { inputs: ['clean'], methods: ['original', 'adaptor'] };
      await writeFile(config(), JSON.stringify({ ...committed, ...small, frequency, frames: { samples: 0 } }));
    });

    it('is estimated: units that follow from the samples, and sums that follow from the units', async () => {
      const { code, out } = await gearnn(
        ...['run', config(), '--work', at('estimated'), '--out', at('estimated')],
        ...['--dry-run', '--estimate', '--json'],
      );
      expect(code).to.equal(0);
      const { steps, estimate } = JSON.parse(out) as { steps: PlannedStep[]; estimate: Estimate };
      const counts = Object.fromEntries(estimate.rows.map(({ kind, count }) => [kind, count]));
      expect(counts).to.deep.equal({
        // The original on clean images, and five methods at the level.
        'evaluated image': 2 * (1 + 5),
        'copy at jpeg': 4 + 2,
        // Full and mixed; 4 images in batches of 2.
        'training step, whole network': 2 * 2,
        'training step, adaptor': 2,
        'training step, whole network, stability': 2,
        'frequency response of an image': 2 * 2,
      });
      for (const { count, seconds, secondsEach, kind } of estimate.rows) {
        expect(secondsEach, kind).to.be.greaterThan(0);
        expect(seconds! / count!, kind).to.be.closeTo(secondsEach!, 1e-9);
      }
      const total = estimate.rows.reduce((sum, { seconds }) => sum + seconds!, 0);
      expect(estimate.seconds).to.be.closeTo(total, 1e-9);
      expect(estimate.bytes).to.be.greaterThan(1000);
      expect(estimate.peak).to.be.greaterThan(1e8);
      expect(estimate.unmeasured).to.deep.equal({ base: 1, split: 1 });
      expect(steps.every(({ state }) => state === 'run')).to.equal(true);
    });

    it('runs to the end with 19 classes; pixels of other ids count nowhere; then nothing is left to estimate', async () => {
      const { results } = await runExperiment({
        experiment: await readExperiment(config()),
        ...{ work: at('work', 'small'), out: at('out'), command: 'gearnn run small.json' },
        record: at('out', 'record.jsonl'),
        engine: await startEngine({ engine: 'tensorflow' }),
      });
      expect(results.rows.map(({ method, level }) => `${method} ${level}`)).to.deep.equal([
        'original clean',
        ...PAPER.map((method) => `${method} jpeg=10`),
      ]);
      for (const { iou = [], scores } of results.rows) {
        expect(iou).to.have.lengthOf(19);
        // Every class is in the row of all ids.
        expect(scores['miou']).to.be.closeTo(iou.reduce<number>((sum, value) => sum + value!, 0) / 19, 1e-9);
      }
      const { truths, evaluations } = JSON.parse(readFileSync(at('out', 'counts.json'), 'utf8')) as Counts;
      for (const packed of Object.values(evaluations)) {
        const [first, second] = unpackCounts({ ...packed, truth: truths[packed.truth]! }, 2, 19);
        expect(pixels).to.deep.equal(pixels.map((_, c) => first!.truth[c]! + second!.truth[c]!));
      }
      const { out } = await gearnn(
        ...['run', config(), '--work', at('work', 'small'), '--out', at('out'), '--dry-run', '--estimate'],
      );
      expect(out).to.equal('Nothing is left to run.\n');
    });
  });

  it('an estimate without --dry-run is refused', async () => {
    const { code, err } = await gearnn('run', at('small.json'), '--estimate');
    expect(code).to.equal(2);
    expect(err).to.contain('--estimate: expected --dry-run beside it');
  });
});

interface Counts {
  truths: Record<string, string>;
  evaluations: Record<string, StoredCounts>;
}
