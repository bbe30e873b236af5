import { expect } from 'chai';
import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readCalibration } from '../../src/adaptor/calibration.js';
import { pairedInterval } from '../../src/eval/bootstrap.js';
import { inOrder } from '../../src/pipeline/graph.js';
import { metricOf } from '../../src/pipeline/metric.js';
import type { StoredCounts } from '../../src/pipeline/steps/evaluate.js';
import { rowOf } from '../../src/report/rows.js';
import { useEngine } from '../support/engines.js';
import { expectFailure } from '../support/failure.js';
import { workFolder } from './support/fake-steps.js';
import { smallGraph, smallRun } from './support/small-run.js';

const UNSEEN = [{ name: 'other', samples: 'val[10:16]', agreement: true }];
const METHODS = [
  'original',
  { method: 'adaptor', name: 'whole-rate', budget: '5%' },
  { method: 'affine', name: 'camera', train: 'val[20:24]', objective: 'teacher' },
  { method: 'switching', name: 'camera-whole', train: 'val[20:24]', objective: 'teacher', learningRate: 0.003 },
];
const LEVELS = ['jpeg=5', 'brightness=0.3'];

describe('pipeline: samples that nothing is trained on', function () {
  this.timeout(600_000);
  let folder: string;
  before(() => (folder = workFolder()));
  after(() => rm(folder, { recursive: true, force: true }));

  it('no step is added, and none is another one, where none are named', async () => {
    const addressesOf = async (changes: object) => {
      const { clean, levels } = await smallGraph(folder, { levels: LEVELS, ...changes });
      const evaluations = [clean, ...levels.flatMap(({ cells }) => cells.map(({ evaluation }) => evaluation))];
      return inOrder(evaluations).map(({ id, settings }) => JSON.stringify([id, settings]));
    };
    const plain = await addressesOf({});
    expect(await addressesOf({ unseen: UNSEEN })).to.deep.equal(plain);
    expect((await smallGraph(folder, {})).unseen).to.deep.equal([]);
  });

  it('what a method is trained on is its own: images, fine-tunes for sensitivities, and rates as they are', async () => {
    const { levels } = await smallGraph(folder, { methods: METHODS, levels: ['jpeg=5'] });
    const [, own, camera, whole] = levels[0]!.cells;
    const copies = (cell = own) =>
      inOrder([cell!.candidate.tuned!]).flatMap(({ kind, id }) => (kind === 'distort' ? [id] : []));
    expect(copies(own)).to.deep.equal(['distort train[:10] jpeg=5']);
    expect(copies(camera)).to.deep.equal(['distort val[20:24] jpeg=5']);
    expect(copies(whole)).to.deep.equal(['distort val[20:24] jpeg=5']);
    expect(whole!.candidate.tuned!.known).to.deep.equal({ rate: { learningRate: 0.003 } });
  });

  it('samples that anything is trained on, and names that stand twice, are refused by name', async () => {
    const refused = (unseen: object[], words: string) =>
      expectFailure(smallGraph(folder, { methods: METHODS, unseen }), 'E_PIPELINE_CONFIG', words);
    await refused([{ name: 'a', samples: 'train[9:12]' }], 'unseen "a"');
    await refused([{ name: 'b', samples: 'val[23:30]' }], 'val/0023');
    await refused([...UNSEEN, ...UNSEEN], '"other" twice');
    await refused([{ name: 'c d', samples: 'val[10:16]' }], 'unseen');
  });

  it('every method is measured on them, by labels and by agreement, with gains and intervals, and not again', async function () {
    await useEngine(this, 'tensorflow');
    const changes = { methods: METHODS, levels: LEVELS, validate: 'val[0:5]', unseen: UNSEEN };
    const { results } = await smallRun(folder, changes);
    const [seen, labels, agreement] = results.parts!;
    expect([seen!.seen, labels!.seen, agreement!.agreement]).to.deep.equal([true, false, true]);
    expect([seen!.images, labels!.images]).to.deep.equal([5, 6]);
    for (const { name } of results.methods) {
      for (const level of LEVELS) {
        expect(rowOf(seen!, name, level)!.scores, name).to.deep.equal(rowOf(results, name, level)!.scores);
        for (const part of [labels!, agreement!]) expect(rowOf(part, name, level)!.scores['miou']).to.be.within(0, 1);
      }
    }
    expect(rowOf(labels!, 'original', 'clean')).not.to.equal(undefined);
    // By its own clean answers, the base is not right where it is by labels.
    expect(rowOf(agreement!, 'original', 'jpeg=5')!.scores).not.to.deep.equal(
      rowOf(labels!, 'original', 'jpeg=5')!.scores,
    );
    const others = METHODS.length - 1;
    for (const part of results.parts!) expect(part.gains).to.have.length(others * (LEVELS.length + 1));
    for (const part of results.parts!) {
      for (const { method, level, points, low, high } of part.gains) {
        expect(low).to.be.at.most(high);
        if (level === null) continue;
        const score = (name: string) => rowOf(part, name, level)!.scores['miou']!;
        expect(points).to.be.closeTo(100 * (score(method) - score('original')), 1e-9);
      }
    }
    // Beside the adaptors lies what serves, by the gains on the validation samples.
    const calibration = (await readCalibration(join(folder, 'work', 'methods', 'camera')))!;
    expect(calibration.levels.map(({ level }) => level)).to.have.members(LEVELS);
    for (const row of calibration.levels) {
      const gain = seen!.gains.find(({ method, level }) => method === 'camera' && level === row.level)!;
      expect(100 * row.gain).to.be.closeTo(gain.points, 1e-9);
      expect(row.serves).to.equal(row.low > 0);
      expect(row).to.deep.include({ images: 5, samples: 'val[:5]', candidates: 1, agreement: false });
    }
    const report = readFileSync(join(folder, 'out', 'report.md'), 'utf8');
    expect(report).to.contain('## Seen and unseen').and.contain('### other, unseen, agreement');
    expect(readFileSync(join(folder, 'out', 'report.html'), 'utf8')).to.contain('<h3>other, unseen</h3>');
    expect((await smallRun(folder, changes)).ran).to.deep.equal([]);
  });

  it('an adaptor that is calibrated serves the share that surely wins on samples of its own, or not at all', async function () {
    await useEngine(this, 'tensorflow');
    const refused = (calibrate: object, words: string) =>
      expectFailure(smallGraph(folder, { methods: [{ method: 'adaptor', calibrate }] }), 'E_PIPELINE_CONFIG', words);
    await refused({ samples: 'train[5:15]' }, 'methods.adaptor.calibrate.samples');
    await refused({ samples: 'val[0:20]' }, 'not compared on');
    await refused({ samples: 'val[20:30]', objective: 'other' }, 'objective');
    const calibrate = { samples: 'val[30:40]' };
    const methods = [
      'original',
      { method: 'adaptor', name: 'strong', budget: '20%', learningRate: 0.02, calibrate },
      { method: 'affine', name: 'idle', learningRate: 1e-9, calibrate: { ...calibrate, objective: 'teacher' } },
      { method: 'lora', name: 'ranks', calibrate },
    ];
    const base = { train: { model: 'drn-d-22', width: 0.125, size: '32x64', batch: 2, epochs: 3, learningRate: 0.02 } };
    const { results } = await smallRun(folder, { methods, base, levels: ['brightness=0.3'], finetune: { epochs: 4 } });
    expect(results.kept!.map(({ method }) => method)).to.deep.equal(['strong', 'idle', 'ranks']);
    for (const row of results.kept!) {
      expect(row.kept, JSON.stringify(row)).to.equal(row.low > 0);
      expect(row.share).to.be.oneOf([1, 0.75, 0.5, 0.25]);
      const at = join(folder, 'work', 'methods', row.method, row.level);
      expect(existsSync(at)).to.equal(row.kept);
      const [own, original] = [row.method, 'original'].map((name) => rowOf(results, name, row.level)!);
      if (!row.kept) expect(own!.scores).to.deep.equal(original!.scores);
    }
    expect(results.kept![0]!.kept, JSON.stringify(results.kept)).to.equal(true);
    expect(results.kept![1]!.kept).to.equal(false);
    expect(readFileSync(join(folder, 'out', 'report.md'), 'utf8')).to.match(/idle \| network alone/);
  });

  it('a gain’s interval is that of the bootstrap over the counts in counts.json', async function () {
    await useEngine(this, 'tensorflow');
    const changes = { methods: METHODS, levels: LEVELS, validate: 'val[0:5]', unseen: UNSEEN };
    const { results } = await smallRun(folder, changes);
    const graph = await smallGraph(folder, changes);
    const file = join(folder, 'out', 'counts.json');
    expect(existsSync(file)).to.equal(true);
    const { truths, evaluations } = JSON.parse(readFileSync(file, 'utf8')) as {
      truths: Record<string, string>;
      evaluations: Record<string, StoredCounts>;
    };
    // Two parts by labels and one by agreement: the truths of two sets of images, and the base's own answers.
    expect(Object.keys(truths)).to.have.length(3);
    const metric = metricOf(graph.dataset)!;
    const all = Object.values(evaluations).map((stored) => {
      return metric.unpack({ ...stored, truth: truths[stored.truth]! }, stored.images);
    });
    const scoreOf = (counts: unknown[]): number => {
      const sum = metric.none();
      for (const own of counts) metric.merge(sum, own);
      return metric.scores(sum)['miou']!;
    };
    const agreement = results.parts![2]!;
    const gain = agreement.gains.find(({ method, level }) => method === 'camera' && level === 'jpeg=5')!;
    const countsOf = (method: string) =>
      all.find((counts) => Math.abs(scoreOf(counts) - rowOf(agreement, method, 'jpeg=5')!.scores['miou']!) < 1e-12)!;
    const pairs = [[countsOf('original'), countsOf('camera')]] as const;
    const expected = pairedInterval(metric, pairs, { block: 1, resamples: 2000, seed: 1 });
    expect(gain.low).to.be.closeTo(100 * expected.low, 1e-9);
    expect(gain.high).to.be.closeTo(100 * expected.high, 1e-9);
  });
});
