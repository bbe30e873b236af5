import { expect } from 'chai';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gearnn } from './support/gearnn.js';

describe('gearnn eval --predictions results.json --labels coco:DIR', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-eval-'));
    await mkdir(join(folder, 'annotations'));
    const images = [{ id: 1, file_name: 'a.png', width: 40, height: 30 }];
    const categories = [{ id: 3, name: 'car' }];
    const annotations = [
      { id: 1, image_id: 1, category_id: 3, bbox: [2, 2, 10, 10], area: 100, iscrowd: 0, segmentation: [[2, 2, 12, 2, 12, 12, 2, 12]] },
      { id: 2, image_id: 1, category_id: 3, bbox: [20, 5, 10, 10], area: 100, iscrowd: 0, segmentation: [[20, 5, 30, 5, 30, 15, 20, 15]] },
    ]; // prettier-ignore
    const file = (split: string): string => join(folder, 'annotations', `instances_${split}2017.json`);
    await writeFile(file('val'), JSON.stringify({ images, categories, annotations }));
    await writeFile(file('train'), JSON.stringify({ images, categories, annotations: [] }));
    const found = {
      image_id: 1,
      category_id: 3,
      score: 0.9,
      bbox: [2, 2, 10, 10],
      segmentation: annotations[0]!.segmentation,
    };
    await writeFile(join(folder, 'results.json'), JSON.stringify([found]));
    await writeFile(join(folder, 'wrong.json'), JSON.stringify([found, { ...found, image_id: 2 }]));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const call = (...more: string[]): ReturnType<typeof gearnn> =>
    gearnn('eval', '--predictions', join(folder, 'results.json'), '--labels', `coco:${folder}`, ...more);

  it('prints scores of boxes and masks as JSON, -1 where there is nothing to find', async () => {
    const { code, out } = await call('--json');
    const { scores, images, detections } = JSON.parse(out);
    expect([code, images, detections]).to.deep.equal([0, 1, 1]);
    expect(Object.keys(scores)).to.deep.equal(['bbox', 'segm']);
    for (const kind of ['bbox', 'segm']) {
      // The first half of the recalls, 0 to .5, is reached at precision 1.
      expect(scores[kind].AP).to.be.closeTo(51 / 101, 1e-12);
      expect([scores[kind].AR1, scores[kind].APl]).to.deep.equal([0.5, -1]);
    }
  });

  it('prints a table for people, of the split that is named', async () => {
    const { code, out } = await call();
    expect(code).to.equal(0);
    expect(out).to.match(/^score +bbox +segm\nAP +0\.5050 +0\.5050\n/);
    expect(out).to.match(/\n1 detection in 1 image\n$/);
    expect(JSON.parse((await call('--subset', 'train', '--json')).out).scores.bbox.AP).to.equal(-1);
    const other = await call('--subset', 'test');
    expect(other.err).to.contain('train, val').and.to.contain('(E_DATA_SPLIT)');
  });

  it('names the result that is wrong, and refuses --subset beside label maps', async () => {
    const path = join(folder, 'wrong.json');
    const { code, err } = await gearnn('eval', '--predictions', path, '--labels', `coco:${folder}`);
    expect(code).to.equal(1);
    expect(err).to.contain(`${path}: results[1]`).and.to.contain('(E_EVAL_RESULTS)');
    const idle = await gearnn('eval', '--predictions', folder, '--labels', folder, '--classes', '2', '--subset', 'val');
    expect(idle.code).to.equal(2);
    expect(idle.err).to.contain('--subset');
  });
});
