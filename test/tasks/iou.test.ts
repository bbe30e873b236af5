import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { ConfusionMatrix } from '../../src/tasks/segmentation/confusion.js';
import { scoresOf } from '../../src/tasks/segmentation/iou.js';

/** Made by scripts/fixtures/segmentation_scores.py. */
const FIXTURE = JSON.parse(readFileSync(new URL('../fixtures/eval/scores.json', import.meta.url), 'utf8')) as {
  cityscapesScripts: { confusion: number[][]; iou: (number | null)[]; miou: number };
  torchmetrics: { confusion: number[][]; iou: number[]; miou: number; pixelAccuracy: number };
};

function matrix(rows: number[][]): ConfusionMatrix {
  const confusion = new ConfusionMatrix(rows.length);
  confusion.counts.set(rows.flat());
  return confusion;
}

describe('eval: scores of a confusion matrix', () => {
  it('a hand calculation: IoU is TP / (TP + FP + FN)', () => {
    const { iou, miou, pixelAccuracy } = scoresOf(
      matrix([
        [4, 1, 0],
        [2, 3, 0],
        [0, 0, 0],
      ]),
    );
    expect([...iou]).to.deep.equal([4 / 7, 3 / 6, Number.NaN]);
    expect(miou).to.equal((4 / 7 + 3 / 6) / 2);
    expect(pixelAccuracy).to.equal(7 / 10);
  });

  it('a class that is only predicted, or only true, scores 0 and counts in the mean', () => {
    const { iou, miou } = scoresOf(
      matrix([
        [1, 1],
        [0, 0],
      ]),
    );
    expect([...iou]).to.deep.equal([0.5, 0]);
    expect(miou).to.equal(0.25);
  });

  it('nothing counted gives NaN', () => {
    const { miou, pixelAccuracy } = scoresOf(new ConfusionMatrix(2));
    expect([miou, pixelAccuracy]).to.deep.equal([Number.NaN, Number.NaN]);
  });

  it("equals cityscapesScripts 2.3.0's class scores and average, to the last digit", () => {
    const { confusion, iou, miou } = FIXTURE.cityscapesScripts;
    const scores = scoresOf(matrix(confusion));
    expect([...scores.iou].map((value) => (Number.isNaN(value) ? null : value))).to.deep.equal(iou);
    expect(scores.miou).to.be.closeTo(miou, 1e-15);
  });

  it('equals torchmetrics 1.9.0, which computes in float32 and gives 0 for a class in neither', () => {
    const { confusion, iou, miou, pixelAccuracy } = FIXTURE.torchmetrics;
    const scores = scoresOf(matrix(confusion));
    expect([...scores.iou].map((value) => Math.fround(Number.isNaN(value) ? 0 : value))).to.deep.equal(iou);
    expect(scores.miou).to.be.closeTo(miou, 1e-7);
    expect(scores.pixelAccuracy).to.be.closeTo(pixelAccuracy, 1e-7);
  });
});
