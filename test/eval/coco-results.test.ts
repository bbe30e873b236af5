import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GearnnError } from '../../src/common/errors.js';
import { scoreResults } from '../../src/eval/coco-results.js';
import { requireTool } from '../support/tools.js';
import { FLAVOURS, randomSet, type RandomSet } from './support/random-coco.js';

/** pycocotools' twelve numbers of each set, by kind of overlap. */
const PROGRAM = `
import contextlib, copy, io, json, sys
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
def stats(given, kind):
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(); truth.dataset = given['truth']; truth.dataset['info'] = {}; truth.createIndex()
        e = COCOeval(truth, truth.loadRes(copy.deepcopy(given['results'])), kind)
        e.evaluate(); e.accumulate(); e.summarize()
    return [float(v) for v in e.stats]
print(json.dumps([{k: stats(g, k) for k in (['bbox', 'segm'] if g['masks'] else ['bbox'])} for g in json.load(sys.stdin)]))`;

const NAMES = ['AP', 'AP50', 'AP75', 'APs', 'APm', 'APl', 'AR1', 'AR10', 'AR100', 'ARs', 'ARm', 'ARl'] as const;

describe("eval: results in COCO's format", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-results-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function score(set: { truth: unknown; results: unknown }): ReturnType<typeof scoreResults> {
    const [labels, results] = [join(folder, 'truth.json'), join(folder, 'results.json')];
    await writeFile(labels, JSON.stringify(set.truth));
    await writeFile(results, typeof set.results === 'string' ? set.results : JSON.stringify(set.results));
    return scoreResults({ labels, results });
  }

  function pycocotools(test: Mocha.Context, sets: readonly (RandomSet & { masks?: boolean })[]) {
    const input = JSON.stringify(sets.map((set) => ({ masks: true, ...set })));
    const python = requireTool(test, 'pycocotools');
    const text = execFileSync(python, ['-c', PROGRAM], { input, encoding: 'utf8', maxBuffer: 2 ** 28 });
    return JSON.parse(text) as Record<'bbox' | 'segm', number[]>[];
  }

  it('every number of 56 random sets, boxes and masks, is that of pycocotools', async function () {
    this.timeout(600_000);
    const sets = FLAVOURS.flatMap((flavour) => Array.from({ length: 7 }, (_, seed) => randomSet(seed, flavour)));
    const expected = pycocotools(this, sets);
    let known = 0;
    for (const [i, set] of sets.entries()) {
      const { scores } = await score(set);
      for (const kind of ['bbox', 'segm'] as const) {
        NAMES.forEach((name, at) => {
          const where = `${name} of ${kind} of set ${i}`;
          expect(scores[kind]![name], where).to.be.closeTo(expected[i]![kind][at]!, 1e-9);
          if (expected[i]![kind][at]! > 0) known++;
        });
      }
    }
    // Sets are worth comparing: most numbers are not -1, 0 or 1.
    expect(known).to.be.greaterThan(900);
  });

  const truth = (annotations: [number, number[], number][]): unknown => ({
    images: [0, 1].map((id) => ({ id, file_name: `${id}.png`, width: 200, height: 200 })),
    annotations: annotations.map(([image, bbox, iscrowd], i) => {
      return { id: i + 1, category_id: 1, image_id: image, bbox, area: bbox[2]! * bbox[3]!, iscrowd };
    }),
    categories: [{ id: 1, name: 'person' }],
  });
  const objects: [number, number[], number][] = [
    [0, [10, 10, 40, 80], 0],
    [0, [100, 20, 30, 60], 0],
    [1, [20, 20, 100, 150], 0],
  ];
  const results = (
    [
      [0, [12, 12, 40, 80], 0.9],
      [0, [100, 20, 30, 40], 0.8],
      [1, [60, 20, 100, 150], 0.7],
      [1, [20, 20, 100, 140], 0.6],
      [0, [150, 150, 20, 20], 0.5],
      [0, [14, 10, 40, 80], 0.95],
    ] as const
  ).map(([image_id, bbox, score]) => ({ image_id, category_id: 1, bbox, score }));

  it('a set by hand: AP .479406, AP50 .756436, AP75 .467327, and with a crowd AP .525248', async () => {
    const { scores, images, detections } = await score({ truth: truth(objects), results });
    expect(scores.bbox!.AP).to.be.closeTo(0.479406, 5e-7);
    expect(scores.bbox!.AP50).to.be.closeTo(0.756436, 5e-7);
    expect(scores.bbox!.AP75).to.be.closeTo(0.467327, 5e-7);
    expect([images, detections, scores.segm]).to.deep.equal([2, 6, undefined]);
    const crowd = await score({ truth: truth([...objects, [1, [0, 0, 200, 200], 1]]), results });
    expect(crowd.scores.bbox!.AP).to.be.closeTo(0.525248, 5e-7);
  });

  it("Pascal VOC's numbers of the set by hand", async () => {
    // By score: found, again the same object, found, a false alarm, found, a false alarm; three objects. Precision 1, 1/2, 2/3, 1/2, 3/5, 1/2
    // at recalls 1/3, 1/3, 2/3, 2/3, 1, 1.
    const { scores } = await score({ truth: truth(objects), results });
    expect(scores.bbox!.VOC).to.be.closeTo((1 + 2 / 3 + 3 / 5) / 3, 1e-12);
    expect(scores.bbox!.VOC07).to.be.closeTo((4 * 1 + 3 * (2 / 3) + 4 * (3 / 5)) / 11, 1e-12);
  });

  it('without a result all is missed, and without an object every number is -1', async () => {
    const missed = await score({ truth: truth(objects), results: [] });
    expect([missed.scores.bbox!.AP, missed.scores.bbox!.AR100, missed.scores.bbox!.APs]).to.deep.equal([0, 0, -1]);
    const nothing = await score({ truth: truth([]), results });
    expect(new Set(Object.values(nothing.scores.bbox!))).to.deep.equal(new Set([-1]));
  });

  const good = results[0]!;
  const wrong: [string, unknown, string, string][] = [
    ['an image that is not there', [good, { ...good, image_id: 7 }], 'E_EVAL_RESULTS', 'results[1]'],
    ['an id as text', [{ ...good, image_id: '0' }], 'E_EVAL_RESULTS', 'results[0]'],
    ['a category that is not there', [{ ...good, category_id: 2 }], 'E_EVAL_RESULTS', 'results[0]'],
    ['a missing score', [{ ...good, score: undefined }], 'E_EVAL_RESULTS', 'score'],
    ['a score as text', [{ ...good, score: '0.5' }], 'E_EVAL_RESULTS', 'score'],
    ['NaN as Python writes it', `[{"image_id":0,"category_id":1,"bbox":[1,2,3,4],"score":NaN}]`, 'E_DATA_COCO', 'NaN'],
    ['a box of three numbers', [{ ...good, bbox: [1, 2, 3] }], 'E_EVAL_RESULTS', 'bbox'],
    ['a box with text', [{ ...good, bbox: [1, 2, 3, 'x'] }], 'E_EVAL_RESULTS', 'bbox'],
    ['neither box nor mask', [{ ...good, bbox: undefined }], 'E_EVAL_RESULTS', 'segmentation'],
    ['a number in place of a result', [5], 'E_EVAL_RESULTS', 'results[0]'],
    ['annotations in place of results', truth(objects), 'E_EVAL_RESULTS', 'annotations'],
    ['text', 'hello', 'E_DATA_COCO', 'JSON'],
  ];
  for (const [what, given, code, text] of wrong) {
    it(`${what} is refused`, async () => {
      const error: unknown = await score({ truth: truth(objects), results: given }).catch((cause: unknown) => cause);
      expect(error).to.be.instanceOf(GearnnError).with.property('code', code);
      expect((error as GearnnError).message).to.include(text);
    });
  }
});
