import { expect } from 'chai';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeMask } from '../../src/detect/rle.js';
import type { Detections } from '../../src/detect/instances.js';
import { decodeImage } from '../../src/image/decode.js';
import type { Color } from '../../src/image/blend.js';
import type { Pixels } from '../../src/image/pixels.js';
import { answerOf, foundObjects } from '../../src/serve/answer.js';
import type { Inference } from '../../src/serve/inference.js';
import { writeAnswer } from '../../src/serve/write-answer.js';
import { instancesTask } from '../../src/tasks/instances/task.js';

const [WIDTH, HEIGHT] = [40, 30];
const CLASSES = ['background', 'car', 'person'].map((name) => ({ name }));
const COLORS: Color[] = [[0, 0, 0], [200, 0, 0], [0, 0, 200]]; // prettier-ignore

/** A disc of a person, and a car whose mask lies under it. */
const inside = (x: number, y: number, r: number): Uint8Array =>
  Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) =>
    Number(Math.hypot((i % WIDTH) - x, Math.floor(i / WIDTH) - y) < r),
  );
const found: Detections = {
  ...{ width: WIDTH, height: HEIGHT },
  boxes: Float64Array.of(10.125, 5, 20, 20, 2, 10, 30, 15.5),
  scores: Float64Array.of(0.912345678, 0.5),
  classes: Int32Array.of(2, 1),
  masks: [inside(20, 15, 7), inside(12, 18, 9)].map((mask) => encodeMask(mask, { width: WIDTH, height: HEIGHT })),
};

describe('serve: what is written of a picture with objects', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-answer-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("COCO's results to the last digit, and the picture with masks in their classes' colours", async () => {
    const answer = answerOf(instancesTask(), found);
    const inference: Inference = {
      ...answer,
      boxes: foundObjects(found, CLASSES),
      ...{ width: WIDTH, height: HEIGHT, level: 'clean', confidence: 1, source: 'stated', seen: {} },
      timings: { decode: 0, detect: 0, swap: 0, forward: 0 },
    };
    const gray: Pixels = {
      ...{ width: WIDTH, height: HEIGHT, channels: 3 },
      data: new Uint8Array(WIDTH * HEIGHT * 3).fill(100),
    };
    const path = join(folder, '000000000139.png');
    await writeAnswer(path, inference, { picture: () => gray, colors: () => COLORS });
    const results = JSON.parse(await readFile(path.replace('.png', '.json'), 'utf8')) as Record<string, unknown>[];
    expect(results.map((result) => ({ ...result, segmentation: undefined }))).to.deep.equal([
      { image_id: 139, category_id: 2, bbox: [10.125, 5, 20, 20], score: 0.912345678, segmentation: undefined },
      { image_id: 139, category_id: 1, bbox: [2, 10, 30, 15.5], score: 0.5, segmentation: undefined },
    ]);
    expect(results.map(({ segmentation }) => (segmentation as { size: unknown }).size)).to.deep.equal([
      [30, 40],
      [30, 40],
    ]);
    const { data } = await decodeImage(await readFile(path), path);
    const at = (x: number, y: number): number[] => [...data.subarray((y * WIDTH + x) * 3, (y * WIDTH + x) * 3 + 3)];
    // The surer lies on top; where no mask is the picture is as it was.
    expect([at(20, 16), at(8, 20), at(37, 28)]).to.deep.equal([
      [50, 50, 150],
      [150, 50, 50],
      [100, 100, 100],
    ]);
  });

  it('boxes carry what they are, and masks as run lengths; outputs have run lengths with zeros behind them', () => {
    const [person] = foundObjects(found, CLASSES);
    expect([person!.label, person!.score, person!.box]).to.deep.equal(['person', 0.9123, [10.13, 5, 30.13, 25]]);
    expect(person!.segmentation!.size).to.deep.equal([HEIGHT, WIDTH]);
    const { masks } = answerOf(instancesTask(), found).outputs;
    const [, count, runs] = masks!.shape as [number, number, number];
    expect(count).to.equal(2);
    found.masks!.forEach(({ counts }, i) => {
      const own = [...masks!.data.subarray(i * runs, (i + 1) * runs)];
      expect(own.slice(0, counts.length)).to.deep.equal([...counts]);
      expect(own.slice(counts.length).every((run) => run === 0)).to.equal(true);
    });
  });
});
