import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { plan } from '../../src/adapt/plan.js';
import { startEngine } from '../../src/engine/start.js';
import { evaluateLevels } from '../../src/eval/levels.js';
import { planSvg } from '../../src/report/plan-svg.js';
import { temporaryFolder } from '../data/support/folders.js';
import { onTensorflow } from '../support/engines.js';

const checkpoint = 'checkpoints/demo';
const [DARK, LIGHT] = ['brightness=0.3', 'jpeg=100'];

onTensorflow('plan', () => {
  const folder = temporaryFolder();

  it('says which levels need an adaptor and what adaptors of each size win there', async function () {
    this.timeout(240_000);
    const engine = await startEngine({ engine: 'tensorflow' });
    const out = join(folder(), 'plan');
    const tensors = tf.memory().numTensors;
    const outcome = await plan({
      ...{ checkpoint, data: 'scenes:7@64x128', levels: [DARK, LIGHT], out, seed: 1, engine },
      ...{ budgets: ['1', '1%'], steps: 10, size: [64, 128], batch: 4, target: 0.2 },
    });
    expect(tf.memory().numTensors).to.equal(tensors);
    const [dark, light] = outcome.rows;
    expect(light).to.deep.include({ level: LIGHT, needed: false, points: [] });
    expect(dark).to.include({ level: DARK, needed: true });
    expect(dark!.whole).to.be.above(dark!.base);
    const [none, some] = dark!.points;
    // No item is as small as one parameter.
    expect(none).to.deep.equal({ budget: '1', parameters: 0, score: dark!.base });
    expect(some!.parameters).to.be.within(1, 10_037);
    expect(some!.score).to.be.above(dark!.base);
    expect(outcome.smallest?.budget).to.equal('1%');
    const [original] = await evaluateLevels({
      checkpoint,
      data: 'scenes:7@64x128',
      split: 'val',
      levels: [DARK],
      agreement: true,
    });
    expect(dark!.base).to.be.closeTo(original!.scores['miou']!, 1e-3);
    expect(await readdir(out)).to.deep.equal(['plan.json']);
    const record = JSON.parse(await readFile(join(out, 'plan.json'), 'utf8')) as object;
    expect(record).to.deep.include({ format: 'gearnn-plan', rows: outcome.rows, curve: outcome.curve });
    const svg = planSvg(outcome.curve, outcome.target);
    expect(svg).to.contain('1%</text>').and.to.contain('parameters of an adaptor');
  });

  it('asks an adaptor where a short training harms the whole network', async function () {
    this.timeout(240_000);
    const engine = await startEngine({ engine: 'tensorflow' });
    const { rows } = await plan({
      ...{ checkpoint, data: 'scenes:7@64x128', levels: ['jpeg=2'], out: join(folder(), 'short'), seed: 1, engine },
      ...{ budgets: ['1', '0.2%'], steps: 10, size: [64, 128], batch: 4 },
    });
    expect(rows[0]!.whole).to.be.below(rows[0]!.base);
    expect(rows[0]!.needed).to.equal(true);
    expect(rows[0]!.points[1]!.score).to.be.above(rows[0]!.base);
  });
});
