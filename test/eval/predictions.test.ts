import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scorePredictions } from '../../src/eval/predictions.js';
import { encodeLabelMap } from '../../src/image/labels.js';
import { expectFailure } from '../support/failure.js';

/** Made by scripts/fixtures/segmentation_scores.py. */
const FIXTURE = fileURLToPath(new URL('../fixtures/eval', import.meta.url));
const EXPECTED = JSON.parse(readFileSync(join(FIXTURE, 'scores.json'), 'utf8')) as {
  cityscapesScripts: { iou: (number | null)[]; miou: number };
  torchmetrics: { pixelAccuracy: number };
};

describe('eval: predictions', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-predictions-'));
    await cp(FIXTURE, folder, { recursive: true });
  });
  afterEach(() => rm(folder, { recursive: true }));

  const score = (classes = 19, ignore?: number) =>
    scorePredictions({
      predictions: join(folder, 'predictions'),
      labels: join(folder, 'labels'),
      classes,
      ignore,
    });

  it('scores files in folders within folders, as cityscapesScripts 2.3.0 scores them', async () => {
    const { iou, miou, pixelAccuracy } = await score();
    expect([...iou].map((value) => (Number.isNaN(value) ? null : value))).to.deep.equal(EXPECTED.cityscapesScripts.iou);
    expect(miou).to.be.closeTo(EXPECTED.cityscapesScripts.miou, 1e-15);
    expect(pixelAccuracy).to.be.closeTo(EXPECTED.torchmetrics.pixelAccuracy, 1e-7);
  });

  it('predictions without a label map do not count', async () => {
    await writeFile(join(folder, 'predictions/more.png'), 'not even a PNG');
    expect((await score()).miou).to.be.closeTo(EXPECTED.cityscapesScripts.miou, 1e-15);
  });

  it('a missing prediction is named, and how many more are missing', async () => {
    await rm(join(folder, 'predictions/two.png'));
    await expectFailure(score(), 'E_EVAL_MISSING', `${join(folder, 'predictions/two.png')}: `, 'got no such file.');
    await rm(join(folder, 'predictions/a'), { recursive: true });
    await expectFailure(score(), 'E_EVAL_MISSING', 'one.png: ', 'and 1 more missing');
  });

  it('a prediction of another size is named', async () => {
    await writeMap('predictions/two.png', 40, 23, 0);
    await expectFailure(score(), 'E_EVAL_SIZE', 'predictions/two.png: expected 40x24 pixels', 'got 40x23');
  });

  it('an id out of range is named with its file, in a prediction and in a label map', async () => {
    await writeMap('predictions/two.png', 40, 24, 19);
    await expectFailure(score(), 'E_EVAL_ID', 'predictions/two.png: expected class ids from 0 to 18, got 19');
    await writeMap('labels/two.png', 40, 24, 20);
    await expectFailure(score(), 'E_EVAL_ID', 'labels/two.png: expected class ids from 0 to 18, or 255', 'got 20');
    await expectFailure(score(21, 254), 'E_EVAL_ID', 'labels/a/one.png', 'or 254 for pixels to leave out, got 255');
  });

  it('a file that is no label map is named', async () => {
    await writeFile(join(folder, 'predictions/two.png'), 'no PNG');
    await expectFailure(score(), 'E_IMAGE_DECODE', 'predictions/two.png');
  });

  it('a folder that is missing, is a file or has no PNG is named', async () => {
    await rm(join(folder, 'predictions'), { recursive: true });
    await expectFailure(score(), 'E_EVAL_FOLDER', `${join(folder, 'predictions')}: expected a folder`);
    await rm(join(folder, 'labels'), { recursive: true });
    await mkdir(join(folder, 'labels'));
    await expectFailure(score(), 'E_EVAL_FOLDER', `${join(folder, 'labels')}: expected PNG label maps, got 0 entries`);
  });

  function writeMap(name: string, width: number, height: number, id: number): Promise<void> {
    return writeFile(
      join(folder, name),
      encodeLabelMap({ data: new Uint8Array(width * height).fill(id), width, height }),
    );
  }
});
