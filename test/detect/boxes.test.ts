import { expect } from 'chai';
import {
  boxAreas,
  boxIou,
  clipBoxes,
  cocoBoxIou,
  fromCocoBoxes,
  largeBoxes,
  toCocoBoxes,
} from '../../src/detect/boxes.js';
import { nms } from '../../src/detect/nms.js';
import { reference } from './support/torchvision.js';

describe('detect: boxes', () => {
  it('overlaps are those of torchvision, to the bit, NaN where nothing is covered', () => {
    const { a, b, iou } = reference.overlaps;
    const own = boxIou(Float32Array.from(a), Float32Array.from(b));
    expect(Array.from(own, (value) => (Number.isNaN(value) ? null : value))).to.deep.equal(iou);
    expect(iou).to.include(null).and.to.include(1);
  });

  it('areas of a box, of one without width and of one whose corners are turned', () => {
    expect([...boxAreas(Float32Array.of(1, 2, 5, 8, 3, 3, 3, 9, 5, 5, 3, 6))]).to.deep.equal([24, 0, -2]);
  });

  it('clipping moves corners to the edges', () => {
    const clipped = clipBoxes(Float32Array.of(-3, 2, 50, 60, 45, 10, 60, 20), { width: 40, height: 30 });
    expect([...clipped]).to.deep.equal([0, 2, 40, 30, 40, 10, 40, 20]);
  });

  it('boxes of a side and smaller ones', () => {
    expect(largeBoxes(Float32Array.of(0, 0, 2, 2, 0, 0, 1.9, 5, 1, 1, 3, 4), 2)).to.deep.equal([0, 2]);
  });

  it('COCO boxes there and back', () => {
    const boxes = Float32Array.of(1.5, 2, 4, 8, 0, 0, 0, 0);
    expect([...toCocoBoxes(boxes)]).to.deep.equal([1.5, 2, 2.5, 6, 0, 0, 0, 0]);
    expect(fromCocoBoxes(toCocoBoxes(boxes))).to.deep.equal(boxes);
  });

  it('of a detection in a crowd the part that lies in it counts', () => {
    const detections = Float64Array.of(0, 0, 10, 10);
    const truth = Float64Array.of(5, 0, 100, 100, 5, 0, 100, 100, 10, 0, 5, 5);
    const [alone, crowd, beside] = cocoBoxIou(detections, truth, [false, true, false]);
    expect([alone, crowd, beside]).to.deep.equal([50 / (100 + 10000 - 50), 0.5, 0]);
  });
});

describe('detect: non-maximum suppression', () => {
  for (const { threshold, boxes, scores, classes, alone, kept } of reference.suppression) {
    it(`keeps what torchvision keeps at ${threshold}, in its order, with many ties and empty boxes`, () => {
      const given = Float32Array.from(boxes);
      expect(nms(given, scores, { threshold })).to.deep.equal(alone);
      expect(nms(given, scores, { threshold, classes })).to.deep.equal(kept);
      expect(nms(given, scores, { threshold, classes, most: 7 })).to.deep.equal(kept.slice(0, 7));
    });
  }
});
