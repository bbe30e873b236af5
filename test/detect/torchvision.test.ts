import { expect } from 'chai';
import { anchorsOf } from '../../src/detect/anchors.js';
import { decodeBoxes, encodeBoxes, HEAD_WEIGHTS } from '../../src/detect/box-coder.js';
import { maskTarget } from '../../src/detect/mask-targets.js';
import { BACKGROUND, BETWEEN, matchBoxes } from '../../src/detect/matcher.js';
import { pasteMask } from '../../src/detect/paste.js';
import { DETECTION_SIZE, detectionSize, paddedSize, scaleBoxes } from '../../src/detect/transform.js';
import type { Size } from '../../src/image/resize.js';
import { reference } from './support/torchvision.js';

const sizeOf = ([height, width]: readonly number[]): Size => ({ width: width!, height: height! });

/** Each value within a share of the expected one, or of 1 where that is smaller. */
function expectClose(values: ArrayLike<number>, expected: ArrayLike<number>, share: number): void {
  expect(values.length).to.equal(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const far = Math.abs(values[i]! - expected[i]!) / Math.max(1, Math.abs(expected[i]!));
    if (!(far <= share)) expect.fail(`${values[i]} at ${i}, expected ${expected[i]}`);
  }
}

describe('detect: box coder', () => {
  for (const { weights, proposals, truth, encoded, codes, decoded } of reference.coder) {
    it(`codes and boxes are torchvision's at weights ${weights}`, () => {
      const given = Float32Array.from(proposals);
      expectClose(encodeBoxes(Float32Array.from(truth), given, weights), encoded, 1e-5);
      expectClose(decodeBoxes(Float32Array.from(codes), given, weights), decoded, 1e-5);
    });
  }

  it('encodes [14,18,60,110] on [10,20,50,100] as 1.75, .5, .69881, .69881; growth is limited', () => {
    const proposal = Float32Array.of(10, 20, 50, 100);
    const code = encodeBoxes(Float32Array.of(14, 18, 60, 110), proposal, HEAD_WEIGHTS);
    expectClose(code, [1.75, 0.5, 0.69881, 0.69881], 1e-5);
    const [left, , right] = decodeBoxes(Float32Array.of(0, 0, 100, 0), proposal, HEAD_WEIGHTS);
    expectClose([left!, right!], [-1220, 1280], 1e-6);
  });
});

describe('detect: anchors', () => {
  it('17,910 anchors at 224 x 320, the first and the last as torchvision has them', () => {
    const levels = [56, 28, 14, 7, 4].map((height, i) => {
      return { map: { height, width: [80, 40, 20, 10, 5][i]! }, side: 32 * 2 ** i };
    });
    const anchors = anchorsOf({ height: 224, width: 320 }, levels);
    expect(anchors.length / 4).to.equal(17910);
    expect([...anchors.subarray(0, 4)]).to.deep.equal([-23, -11, 23, 11]);
    expect([...anchors.subarray(-4)]).to.deep.equal([75, -194, 437, 530]);
  });

  for (const { image, maps, sizes, count, sum, picked, values } of reference.anchors) {
    it(`those of ${image.join(' x ')} with sides of ${sizes.join(', ')} equal torchvision's`, () => {
      const anchors = anchorsOf(
        sizeOf(image),
        sizes.map((side, i) => ({ map: sizeOf(maps[i]!), side })),
      );
      expect(anchors.length).to.equal(4 * count);
      expect(anchors.reduce((total, value) => total + value)).to.equal(sum);
      expect(picked.flatMap((i) => [...anchors.subarray(4 * i, 4 * i + 4)])).to.deep.equal(values);
    });
  }
});

describe('detect: matcher', () => {
  it('low quality gives a box its own best object back, not the one that wanted it', () => {
    const overlaps = [0.9, 0.6, 0.2, 0.5, 0.5, 0.1, 0.65, 0.25, 0.1, 0.1, 0.05, 0.2, 0.25, 0.29, 0.1];
    const options = { high: 0.7, low: 0.3, lowQuality: true };
    expect([...matchBoxes(overlaps, 3, 5, options)]).to.deep.equal([0, 1, BACKGROUND, 0, BETWEEN]);
  });

  it('without an object all is background', () => {
    const options = { high: 0.7, low: 0.3, lowQuality: true };
    expect([...matchBoxes([], 0, 3, options)]).to.deep.equal([BACKGROUND, BACKGROUND, BACKGROUND]);
  });

  for (const { truth, low_quality: lowQuality, quality, matches } of reference.matcher) {
    it(`of ${truth} objects those of torchvision${lowQuality ? ', low quality too' : ''}, with ties`, () => {
      const own = matchBoxes(quality, truth, quality.length / truth, { high: 0.7, low: 0.3, lowQuality });
      expect([...own]).to.deep.equal(matches);
    });
  }
});

describe('detect: transform', () => {
  it('333 x 480 becomes 800 x 1153, 480 x 361 becomes 1063 x 800, and a batch of both 1088 x 1184', () => {
    const sizes = [sizeOf([333, 480]), sizeOf([480, 361])].map((size) => detectionSize(size, DETECTION_SIZE));
    expect(sizes).to.deep.equal([sizeOf([800, 1153]), sizeOf([1063, 800])]);
    expect(paddedSize(sizes)).to.deep.equal(sizeOf([1088, 1184]));
  });

  for (const { shortest, longest, height, width, size, padded, boxes, scaled, back } of reference.transform) {
    it(`${height} x ${width} at ${shortest}/${longest}: size, padding and boxes are torchvision's`, () => {
      const own = detectionSize({ width, height }, { shortest, longest });
      expect(own).to.deep.equal(sizeOf(size));
      expect(paddedSize([own])).to.deep.equal(sizeOf(padded));
      const moved = scaleBoxes(Float32Array.from(boxes), { width, height }, own);
      expect([...moved]).to.deep.equal(scaled);
      expect([...scaleBoxes(moved, own, { width, height })]).to.deep.equal(back);
    });
  }
});

describe('detect: masks of boxes', () => {
  const { height, width, truth, boxes, matched, targets, soft, pasted, sums } = reference.masks;
  const boxOf = (i: number): number[] => boxes.slice(4 * i, 4 * i + 4);

  it("targets are torchvision's, also of boxes that reach beyond the picture", () => {
    matched.slice(0, 4).forEach((object, i) => {
      const mask = Uint8Array.from(truth[object]!, Number);
      const own = maskTarget(mask, { width, height }, boxOf(i));
      expectClose(own, targets.slice(784 * i, 784 * (i + 1)), 4e-5);
    });
  });

  it("pasted masks are torchvision's within 3e-6, and no pixel crosses .5", () => {
    for (let i = 0; i < 4; i++) {
      const mask = Float32Array.from(soft.slice(784 * i, 784 * (i + 1)));
      const own = pasteMask(mask, 28, boxOf(i), { width, height });
      const whole = new Float32Array(width * height);
      for (let row = 0; row < own.height; row++) {
        const values = own.values.subarray(row * own.width, (row + 1) * own.width);
        whole.set(values, (own.y + row) * width + own.x);
      }
      const expected = pasted.slice(width * height * i, width * height * (i + 1));
      expectClose(whole, expected, 3e-6);
      expect(whole.map((value) => Number(value > 0.5))).to.deep.equal(Float32Array.from(expected, (v) => Number(v > 0.5))); // prettier-ignore
      expect(expected.reduce((sum, value) => sum + value)).to.be.closeTo(sums[i]!, 0.01);
    }
  });

  it('a box outside the picture has a target of zeros and nothing to paste', () => {
    const mask = new Uint8Array(width * height).fill(1);
    expect(maskTarget(mask, { width, height }, [100, 100, 120, 130])).to.deep.equal(new Float32Array(784));
    const { values } = pasteMask(new Float32Array(784).fill(1), 28, [100, 10, 120, 30], { width, height });
    expect(values).to.have.length(0);
  });
});
