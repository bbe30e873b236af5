import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeHead } from '../../src/detect/heads/decode.js';
import { HEAD_NAMES } from '../../src/detect/heads/names.js';
import { HEADS } from '../../src/detect/heads/registry.js';
import { ROOT } from '../support/sources.js';
import { refusal } from '../models/onnx/support/refusal.js';

/** Made by scripts/fixtures/detector_heads.py with torchvision's `batched_nms`. */
interface Reference {
  shape: number[];
  data: number[];
  score: number;
  overlap: number;
  size: [height: number, width: number];
  expected: { boxes: number[][]; scores: number[]; classes: number[] };
}

type Listing = Exclude<(typeof HEAD_NAMES)[number], 'db'>;

const references = JSON.parse(readFileSync(join(ROOT, 'test/fixtures/boxes/heads.json'), 'utf8')) as Record<
  Listing,
  Reference
>;

for (const kind of HEAD_NAMES.filter((name) => name !== 'db')) {
  describe(`detect: boxes of ${kind}`, () => {
    const { shape, data, score, overlap, size, expected } = references[kind];
    const [height, width] = size;
    const output = { shape, data: Float32Array.from(data) };
    const decode = (limits: { score: number; overlap: number }) =>
      decodeHead({ kind, output: 'y', size: { height, width }, ...limits }, { y: output });

    it("are those that PyTorch's tools read from the same output", () => {
      const { boxes, scores, classes } = decode({ score, overlap });
      expect([...classes]).to.deep.equal(expected.classes);
      expected.boxes.flat().forEach((value, i) => expect(boxes[i]).to.be.closeTo(value, 1e-3));
      expected.scores.forEach((value, i) => expect(scores[i]).to.be.closeTo(value, 1e-6));
    });

    it('are fewer where they have to be surer, and more where they may overlap', () => {
      const usual = expected.boxes.length;
      const surer = decode({ score: 0.5, overlap });
      expect(surer.scores.length).to.be.within(1, usual - 1);
      expect(Math.min(...surer.scores)).to.be.at.least(0.5);
      expect(decode({ score, overlap: 1 }).scores.length).to.be.above(usual);
      expect(decode({ score: 1, overlap }).boxes.length).to.equal(0);
    });

    it('and its classes are known from the shape, of this kind only', () => {
      const head = HEADS[kind];
      const classes = Math.max(...expected.classes) + 1;
      expect(head.classesIn(shape)).to.be.at.least(classes);
      for (const other of [[1, 4, 100], [1, 3, 8, 8], [100], [1, 8, 0]])
        expect(head.classesIn(kind === 'yolox' ? [other[0]!, other[2]!, other[1]!] : other), String(other)).to.equal(undefined); // prettier-ignore
    });
  });
}

describe('detect: heads', () => {
  it('that go by the size of the input refuse an output of another size', () => {
    const head = { kind: 'yolox', output: 'y', score: 0.1, overlap: 0.45, size: { height: 32, width: 32 } } as const;
    const output = { y: { shape: [1, 20, 6], data: new Float32Array(120) } };
    expect(refusal(() => decodeHead(head, output), 'E_SHAPE')).to.match(/21 cells.*32x32.*got 20/);
  });
});
