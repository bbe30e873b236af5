import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gearnn } from './support/gearnn.js';

/** Made by scripts/fixtures/segmentation_scores.py. */
const FIXTURE = fileURLToPath(new URL('../fixtures/eval', import.meta.url));
const CALL = ['eval', '--predictions', join(FIXTURE, 'predictions'), '--labels', join(FIXTURE, 'labels')];

describe('gearnn eval --predictions', () => {
  it("prints cityscapesScripts' scores as JSON, null for a class in neither", async () => {
    const { cityscapesScripts, torchmetrics } = JSON.parse(readFileSync(join(FIXTURE, 'scores.json'), 'utf8'));
    const { code, out } = await gearnn(...CALL, '--classes', '19', '--json');
    const scores = JSON.parse(out);
    expect(code).to.equal(0);
    expect(Object.keys(scores)).to.deep.equal(['miou', 'iou', 'pixelAccuracy']);
    expect(scores.iou).to.deep.equal(cityscapesScripts.iou);
    expect(scores.iou.slice(15)).to.deep.equal([null, null, 0, 0]);
    expect(scores.miou).to.be.closeTo(cityscapesScripts.miou, 1e-15);
    expect(scores.pixelAccuracy).to.be.closeTo(torchmetrics.pixelAccuracy, 1e-7);
  });

  it('prints a table for people', async () => {
    const { code, out } = await gearnn(...CALL, '--classes', '19');
    expect(code).to.equal(0);
    expect(out).to.match(/^class +IoU\n0 +0\.6650\n/);
    expect(out).to.match(/\n15 +-\n/);
    expect(out).to.match(/\nmIoU 0\.5880 {2}pixel accuracy 0\.7910\n$/);
  });

  const IDLE = [
    ['--predictions', '--level', 'jpeg=10'],
    ['--predictions', '--adaptors', 'runs/adaptors'],
    ['--predictions', '--checkpoint', 'checkpoints/demo'],
    ['--predictions', '--threads', '1'],
    ['--checkpoint', '--labels', 'labels'],
    ['--checkpoint', '--classes', '19'],
    ['--checkpoint', '--ignore', '0'],
  ] as const;
  for (const [mode, option, value] of IDLE) {
    it(`${option}, which would do nothing beside ${mode}, is refused`, async () => {
      const call = mode === '--predictions' ? [...CALL, '--classes', '19'] : ['eval', mode, 'x', '--data', 'scenes'];
      const { code, out, err } = await gearnn(...call, option, value);
      expect({ code, out }).to.deep.equal({ code: 2, out: '' });
      expect(err).to.contain('cannot be used with option').and.to.contain(`'${option} `);
    });
  }

  it('names the file of an id that is no class, and exits with 1; without --classes with 2', async () => {
    const few = await gearnn(...CALL, '--classes', '5', '--json');
    expect(few).to.include({ code: 1, out: '' });
    expect(few.err).to.contain(join(FIXTURE, 'labels/a/one.png')).and.to.contain('(E_EVAL_ID)');
    expect((await gearnn(...CALL)).code).to.equal(2);
  });
});
