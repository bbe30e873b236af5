import { expect } from 'chai';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDataset } from '../../src/data/registry.js';
import { startEngine } from '../../src/engine/start.js';
import { evaluateLevels } from '../../src/eval/levels.js';
import { readExperiment } from '../../src/pipeline/experiment.js';
import { planExperiment, runExperiment } from '../../src/pipeline/run.js';
import { comparedResults } from '../../src/report/compared.js';
import { readResults } from '../../src/report/results.js';
import { rowOf } from '../../src/report/rows.js';
import { readText } from '../../src/common/text-file.js';
import { OBJECTS, writeFreshDetector } from '../support/detector.js';
import { useEngine } from '../support/engines.js';
import { workFolder } from './support/fake-steps.js';

const LEVEL = 'jpeg=5';
const METHODS = ['original', 'adaptor', 'control', 'taught'];
const CONFIG = {
  experiment: 'detectors',
  data: OBJECTS,
  train: 'train[0:8]',
  validate: 'val[0:6]',
  levels: [LEVEL],
  budget: '3%',
  methods: [...METHODS.slice(0, -1), { method: 'adaptor', name: 'taught', objective: 'teacher' }],
  finetune: { size: '96x160', batch: 2, steps: 2, optimizer: 'adam', learningRate: { full: 0.0005, adaptor: 0.001 } },
  rates: { candidates: [0.0005], levels: [LEVEL], train: '0:2', validate: '4:6', epochs: 1 },
  intervals: { block: 1, resamples: 100 },
  seed: 1,
};

describe('pipeline: detectors', function () {
  this.timeout(600_000);
  let folder: string;
  before(() => (folder = workFolder()));
  after(() => rm(folder, { recursive: true, force: true }));

  it('go through a whole experiment: rates by mask AP, a control, a teacher, both APs with intervals', async function () {
    await useEngine(this, 'tensorflow');
    const engine = await startEngine({ engine: 'tensorflow' });
    const checkpoint = await writeFreshDetector(join(folder, 'base'));
    await writeFile(join(folder, 'config.json'), JSON.stringify({ ...CONFIG, base: { checkpoint } }));
    const experiment = await readExperiment(join(folder, 'config.json'));
    const out = join(folder, 'out');
    const options = { experiment, work: join(folder, 'work'), engine };
    const { results } = await runExperiment({ ...options, out, command: 'gearnn run config.json' });

    expect(results.rows[0]!.primary).to.equal('segm.AP');
    expect(results.compared).to.deep.equal(['bbox.AP', 'segm.AP']);
    expect(results.methods.map(({ name }) => name)).to.deep.equal(METHODS);
    for (const name of METHODS) {
      const { scores } = rowOf(results, name, LEVEL)!;
      expect(scores, name).to.include.keys('bbox.AP', 'bbox.AP50', 'segm.AP', 'segm.AP75');
      expect(scores['bbox.AP'], name).to.be.within(0, 1);
    }
    // Each trained in its own way.
    const seen = METHODS.map((name) => JSON.stringify(rowOf(results, name, LEVEL)!.scores));
    expect(new Set(seen).size).to.equal(METHODS.length);
    for (const { score } of results.rates) expect(score).to.be.within(0, 1);
    expect(results.rates.filter(({ chosen }) => chosen)).to.have.length(2);

    const others = METHODS.filter((name) => name !== 'control');
    const against = results.intervals.filter((interval) => interval.against === 'control');
    expect(against.map(({ method, score = 'segm.AP' }) => `${method} ${score}`)).to.have.members(
      others.flatMap((name) => [`${name} bbox.AP`, `${name} segm.AP`]),
    );
    for (const { method, score = 'segm.AP', points } of against) {
      const [own, control] = [method, 'control'].map((name) => rowOf(results, name, LEVEL)!.scores[score]!);
      expect(points, `${method} ${score}`).to.be.closeTo(100 * (own! - control!), 1e-9);
    }
    const [masks, boxes] = comparedResults(results);
    expect(masks!.averages).to.deep.equal(results.averages);
    expect(boxes!.averages!.means['control']).to.equal(rowOf(results, 'control', LEVEL)!.scores['bbox.AP']);
    expect(boxes!.averages!.points['adaptor']).to.have.property('overControl');

    const report = await readText(join(out, 'report.md'));
    for (const line of ['## Mask AP per level', '## Box AP per level', '| over control |'])
      expect(report).to.include(line);
    expect(await readText(join(out, 'report.html'))).to.include('Box AP per level');
    expect(await readResults(join(out, 'results.json'))).to.deep.equal(results);

    const planned = await planExperiment(options);
    expect(planned.filter(({ state }) => state !== 'cached')).to.deep.equal([]);
    // The numbers of `gearnn eval` with the adaptors that the run wrote.
    const dataset = await openDataset(CONFIG.data);
    const evaluated = await evaluateLevels({
      ...{ checkpoint, adaptors: join(options.work, 'adaptors'), data: CONFIG.data },
      ...{ split: 'val', samples: dataset.samples('val').slice(0, 6).map(({ id }) => id), levels: [LEVEL] }, // prettier-ignore
      // They answer whether they gain or not.
      calibration: 'ignored',
    });
    for (const { method, scores } of evaluated)
      expect(scores['bbox.AP'], method).to.be.closeTo(rowOf(results, method, LEVEL)!.scores['bbox.AP']!, 1e-9);
    expect(evaluated.map(({ method }) => method)).to.deep.equal(['original', 'adaptor']);
  });
});
