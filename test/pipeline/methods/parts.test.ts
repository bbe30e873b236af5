import { expect } from 'chai';
import { readFileSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { loadAdaptor, readAdaptorConfig } from '../../../src/adaptor/file.js';
import { loadCheckpoint } from '../../../src/models/checkpoint.js';
import { useEngine } from '../../support/engines.js';
import { expectFailure } from '../../support/failure.js';
import { workFolder } from '../support/fake-steps.js';
import { smallGraph, smallRun } from '../support/small-run.js';

describe('pipeline: parts of what a level changes', function () {
  this.timeout(120_000);
  let folder: string;
  before(async function () {
    await useEngine(this, 'tensorflow');
    folder = workFolder();
  });
  after(() => folder && rm(folder, { recursive: true, force: true }));

  it('are told apart by the items, and by how far adaptors go', async () => {
    const methods = [
      ...['original', 'adaptor', 'affine', 'learned', 'convolutions'],
      { method: 'adaptor', name: 'quarter', share: 0.25 },
      { method: 'lora', name: 'half-lora', share: 0.5 },
    ];
    const { results, ran } = await smallRun(folder, { methods });
    const groups = (name: string) => results.choices.find(({ method }) => method === name)!.groups;
    expect(groups('affine')).to.include({ statistics: 0, convolution: 0 });
    expect(groups('learned').statistics).to.equal(0);
    expect(groups('convolutions')).to.include({ statistics: 0, normalization: 0 });
    for (const name of ['affine', 'learned', 'convolutions']) {
      expect(results.choices.find(({ method }) => method === name)!.size, name).to.be.above(0);
    }
    // One adaptor is trained, and its part is a step of its own.
    expect(ran.filter((id) => id.startsWith('adaptor '))).to.have.members(
      ['', 'affine ', 'convolutions ', 'half-lora ', 'learned '].map((name) => `adaptor ${name}jpeg=5`),
    );
    expect(ran).to.include.members(['share quarter jpeg=5', 'share half-lora jpeg=5']);
    expect(results.training.map(({ method }) => method)).to.include.members(['quarter', 'half-lora']);

    const steps = join(folder, 'work', 'steps');
    const baseStep = readdirSync(steps).find((name) => name.startsWith('base-'))!;
    const base = await loadCheckpoint(join(steps, baseStep, 'checkpoint'));
    const whole = await loadAdaptor(join(folder, 'work', 'adaptors', 'jpeg=5'), base);
    const quarter = await loadAdaptor(join(folder, 'work', 'methods', 'quarter', 'jpeg=5'), base);
    let moved = 0;
    for (const [name, { data }] of whole.state) {
      const before = base.state.get(name)!.data;
      quarter.state.get(name)!.data.forEach((value, i) => {
        expect(value).to.be.closeTo(before[i]! + 0.25 * (data[i]! - before[i]!), 1e-5);
        moved = Math.max(moved, Math.abs(data[i]! - before[i]!));
      });
    }
    expect(moved).to.be.above(1e-3);
  });

  it('may be averaged over the last steps, or learned from a range around the level', async () => {
    const around = { 'jpeg=5': 'jpeg=4..6' };
    const methods = [
      ...['original', 'adaptor'],
      { method: 'adaptor', name: 'averaged', average: 0.5 },
      { method: 'adaptor', name: 'around', around },
      { method: 'mixed', name: 'averaged-mixed', average: 0.25 },
    ];
    const { results, ran } = await smallRun(folder, { methods });
    expect(ran).to.include.members([
      'full average=0.5 jpeg=5',
      'full around=jpeg=4..6 jpeg=5',
      'network averaged-mixed',
    ]);
    const ious = results.methods.map(({ name }) =>
      JSON.stringify(results.rows.find((row) => row.method === name)!.iou),
    );
    expect(new Set(ious).size).to.equal(ious.length);
    const { level, training } = await readAdaptorConfig(join(folder, 'work', 'methods', 'around', 'jpeg=5'));
    expect(level).to.equal('jpeg=5');
    expect((training['settings'] as Record<string, unknown>)['mixture']).to.deep.equal(['jpeg=4', 'jpeg=5', 'jpeg=6']);
    expect(results.training.find(({ method }) => method === 'averaged')!.average).to.equal(0.5);
    expect(readFileSync(join(folder, 'out', 'report.md'), 'utf8')).to.match(/\| averaged-mixed .*the last 25% \|/);
  });

  it('refuse ranges that do not fit', async () => {
    const graph = (around: object) => smallGraph(folder, { methods: [{ method: 'adaptor', around }] });
    await expectFailure(graph({ 'jpeg=7': 'jpeg=5..8' }), 'E_PIPELINE_CONFIG', 'methods.adaptor.around', 'jpeg=7');
    await expectFailure(graph({ 'jpeg=5': 'jpeg=6..8' }), 'E_PIPELINE_CONFIG', 'a range that holds jpeg=5');
    await expectFailure(graph({ 'jpeg=5': 'jpeg=5' }), 'E_DISTORT_LEVEL', 'FROM..TO');
    await expectFailure(graph({ 'jpeg=5': 'jpeg=8..4' }), 'E_DISTORT_LEVEL', 'smaller value first');
  });
});
