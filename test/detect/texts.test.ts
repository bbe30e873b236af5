import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeHead } from '../../src/detect/heads/decode.js';
import { HEADS } from '../../src/detect/heads/registry.js';
import { mapScoredBoxes } from '../../src/detect/scored-boxes.js';
import { foundBoxes } from '../../src/serve/answer.js';
import { ROOT } from '../support/sources.js';

/** Made by scripts/fixtures/text_regions.py with rapidocr's DBPostProcess, which rounds to whole pixels and keeps them in the picture. */
const { shape, data, expected } = JSON.parse(readFileSync(join(ROOT, 'test/fixtures/boxes/texts.json'), 'utf8')) as {
  shape: [number, number, number, number];
  data: number[];
  expected: { corners: number[][][]; scores: number[] };
};
const [, , height, width] = shape;
const decode = (score = 0.5, values: readonly number[] = data) =>
  decodeHead({ kind: 'db', output: 'y', score, overlap: 1 }, { y: { shape, data: Float32Array.from(values) } });

describe('detect: texts of db', () => {
  it('are those that rapidocr reads from the same map, the surest first', () => {
    const { boxes, scores, classes, corners } = decode();
    expect(scores.length).to.equal(expected.scores.length);
    expect([...classes].every((id) => id === 0)).to.equal(true);
    expected.scores.forEach((score, i) => expect(scores[i]).to.be.closeTo(score, 0.002));
    expected.corners.forEach((wanted, i) => {
      const own = [...corners!.subarray(8 * i, 8 * i + 8)].map((value, k) =>
        Math.min(Math.max(value, 0), k % 2 === 0 ? width : height),
      );
      wanted.flat().forEach((value, k) => expect(own[k], `text ${i}, number ${k}`).to.be.closeTo(value, 1.6));
      const [xs, ys] = [0, 1].map((axis) => [0, 1, 2, 3].map((k) => corners![8 * i + 2 * k + axis]!));
      const around = [Math.min(...xs!), Math.min(...ys!), Math.max(...xs!), Math.max(...ys!)];
      around.forEach((value, k) => expect(boxes[4 * i + k]).to.be.closeTo(value, 1e-4));
    });
  });

  it('are fewer where they have to be surer, and none of nothing or of specks', () => {
    expect(decode(0.7).scores.length).to.be.within(1, expected.scores.length - 1);
    expect(
      decode(
        0.5,
        data.map(() => 0),
      ).scores.length,
    ).to.equal(0);
    const specks = data.map((_, i) => (i % width === 3 && Math.floor(i / width) % 9 === 4 ? 1 : 0));
    expect(decode(0.1, specks).scores.length).to.equal(0);
  });

  it('reach to the edges of the map where it is full', () => {
    const { boxes, scores } = decode(0.5, data.map(() => 1)); // prettier-ignore
    expect(scores[0]).to.equal(1);
    expect(boxes[0]).to.be.below(0);
    expect(boxes[2]).to.be.above(width);
  });

  it('keep their corners in pixels of the picture, inside of it', () => {
    const picture = { width: 2 * width, height: 3 * height };
    const mapped = mapScoredBoxes(decode(), { scale: { x: 2, y: 3 }, offset: { x: 0, y: 0 } }, picture);
    const found = foundBoxes(mapped, [{ name: 'text' }]);
    expect(found.length).to.equal(expected.scores.length);
    found.forEach(({ corners, box }, i) => {
      expect(corners).to.have.length(4);
      corners!.forEach(([x, y], k) => {
        expect(x).to.be.closeTo(2 * expected.corners[i]![k]![0]!, 3.3);
        expect(y).to.be.within(0, picture.height);
        expect(y).to.be.closeTo(3 * expected.corners[i]![k]![1]!, 5);
        expect(x).to.be.within(box[0] - 0.01, box[2] + 0.01);
      });
    });
  });

  it('are of maps of one channel only', () => {
    expect(HEADS.db.classesIn([1, 1, 8, 8])).to.equal(1);
    for (const other of [[1, 2, 8, 8], [2, 1, 8, 8], [1, 8, 8], [1, 1, 0, 8]]) expect(HEADS.db.classesIn(other)).to.equal(undefined); // prettier-ignore
  });
});
