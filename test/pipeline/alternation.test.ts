import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { levelsInTurn } from '../../src/pipeline/steps/alternate.js';
import { alternatingOf } from '../../src/report/alternation.js';
import { rowOf } from '../../src/report/rows.js';
import { useEngine } from '../support/engines.js';
import { expectFailure } from '../support/failure.js';
import { workFolder } from './support/fake-steps.js';
import { smallGraph, smallRun } from './support/small-run.js';

const LEVELS = ['jpeg=5', 'brightness=0.2'];
const METHODS = [
  ...['original', 'adaptor'],
  { method: 'tent', learningRate: 0.02 },
  { method: 'recent-statistics', name: 'recent', window: 2 },
];

describe('pipeline: methods that adapt while answering', function () {
  this.timeout(600_000);
  let folder: string;
  before(() => (folder = workFolder()));
  after(() => rm(folder, { recursive: true, force: true }));

  it('levels follow each other in bursts, and every frame has every level once', () => {
    expect(levelsInTurn(7, { burst: 1, of: 3, shift: 0 })).to.deep.equal([0, 1, 2, 0, 1, 2, 0]);
    expect(levelsInTurn(7, { burst: 2, of: 3, shift: 1 })).to.deep.equal([1, 1, 2, 2, 0, 0, 1]);
    const turns = [0, 1, 2].map((shift) => levelsInTurn(7, { burst: 5, of: 3, shift }));
    for (let i = 0; i < 7; i++) expect(turns.map((levels) => levels[i]).sort()).to.deep.equal([0, 1, 2]);
  });

  it('no sequence is a step where none is asked for, and settings of a method tell its steps apart', async () => {
    const plain = await smallGraph(folder, { methods: METHODS, levels: LEVELS });
    expect(plain.alternations).to.deep.equal([]);
    const { alternations } = await smallGraph(folder, {
      methods: METHODS,
      levels: LEVELS,
      alternation: { bursts: [1, 5, 1] },
    });
    expect(alternations.map(({ step }) => step.id)).to.deep.equal([
      ...['alternate tent burst=1', 'alternate tent burst=5'],
      ...['alternate recent burst=1', 'alternate recent burst=5'],
    ]);
    const settings = alternations.map(({ step }) => JSON.stringify(step.settings));
    expect(new Set(settings).size).to.equal(4);
    await expectFailure(
      smallGraph(folder, { alternation: { bursts: [0] } }),
      'E_PIPELINE_CONFIG',
      'alternation.bursts',
    );
    const wrong = { methods: [{ method: 'recent-statistics', window: 0 }] };
    await expectFailure(smallGraph(folder, wrong), 'E_PIPELINE_CONFIG', 'window');
  });

  it('are scored at each level and on sequences, as a curve beside methods that know the level', async function () {
    await useEngine(this, 'tensorflow');
    const changes = { methods: METHODS, levels: LEVELS, validate: 'val[0:6]', alternation: { bursts: [1, 6] } };
    const { results } = await smallRun(folder, changes);
    const lines = alternatingOf(results);
    expect(lines.map(({ method, adapts }) => [method, adapts])).to.deep.equal([
      ['original', false],
      ['adaptor', false],
      ['tent', true],
      ['recent', true],
    ]);
    for (const { method, adapts, points } of lines) {
      expect(points.map(({ burst }) => burst)).to.deep.equal([1, 6, null]);
      const scores = points.map(({ score }) => score);
      const constant = results.averages!.means[method]!;
      expect(scores[2]).to.equal(constant);
      // A burst as long as the sequence is a sequence at one level; shorter ones are something else to what adapts.
      expect(scores[1], method).to.be.closeTo(constant, 1e-9);
      if (adapts) expect(scores[0], method).not.to.be.closeTo(constant, 1e-6);
      else expect(scores[0]).to.equal(constant);
    }
    for (const name of ['tent', 'recent']) {
      expect(rowOf(results, name, 'jpeg=5')!.iou, name).not.to.deep.equal(rowOf(results, 'original', 'jpeg=5')!.iou);
    }
    const markdown = readFileSync(join(folder, 'out', 'report.md'), 'utf8');
    expect(markdown).to.contain('| method | every frame | every 6 frames | never |');
    expect(readFileSync(join(folder, 'out', 'report.html'), 'utf8')).to.contain('the level changes');
    expect((await smallRun(folder, changes)).ran).to.deep.equal([]);
  });
});
