import { expect } from 'chai';
import {
  blockMeans,
  differenceOf,
  differencePicture,
  differenceScale,
  ratioPicture,
  responsePicture,
  responseScale,
} from '../../src/frequency/pictures.js';
import type { CoefficientMap } from '../../src/frequency/response.js';
import { DIVERGING, SEQUENTIAL } from '../../src/image/color-map.js';

function map(width: number, height: number, value: (i: number) => number): CoefficientMap {
  return { data: Float32Array.from({ length: width * height }, (_, i) => value(i)), width, height };
}

/** Lightness L* of CIELAB, 0..100, of an sRGB colour. */
function lightness(color: ArrayLike<number>): number {
  const linear = Array.from(color, (byte) => {
    const share = byte / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const y = 0.2126 * linear[0]! + 0.7152 * linear[1]! + 0.0722 * linear[2]!;
  return y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y;
}

const colorAt = (colors: Uint8Array, i: number): number[] => [...colors.subarray(3 * i, 3 * i + 3)];

describe('frequency: pictures', () => {
  it('the colours of responses grow lighter in equal steps', () => {
    const steps = Array.from({ length: 16 }, (_, i) => lightness(colorAt(SEQUENTIAL, 17 * i)));
    const growth = steps.slice(1).map((value, i) => value - steps[i]!);
    expect(Math.min(...growth)).to.be.greaterThan(4);
    expect(Math.max(...growth)).to.be.lessThan(6.5);
  });

  it('the colours of differences are as dark on either side, and lightest between', () => {
    for (let i = 0; i < 128; i += 8) {
      expect(lightness(colorAt(DIVERGING, i))).to.be.closeTo(lightness(colorAt(DIVERGING, 255 - i)), 9);
    }
    expect(lightness(colorAt(DIVERGING, 127))).to.be.greaterThan(96);
  });

  it('equal ratios of responses are equal steps of colour, the upper left pixel first', () => {
    const response = map(4, 1, (i) => 10 ** -i);
    const picture = responsePicture(response, { low: 1e-3, high: 1 });
    expect(picture).to.include({ width: 4, height: 1, channels: 3 });
    expect([0, 1, 2, 3].map((i) => colorAt(picture.data, i))).to.deep.equal(
      [255, 170, 85, 0].map((i) => colorAt(SEQUENTIAL, i)),
    );
  });

  it('a response of 0 has the lowest colour, and a map of nothing else a scale', () => {
    const nothing = map(2, 2, () => 0);
    const picture = responsePicture(nothing, responseScale([nothing]));
    expect(colorAt(picture.data, 3)).to.deep.equal(colorAt(SEQUENTIAL, 0));
  });

  it('a scale reaches from all but the lowest two hundredth to the highest of several maps', () => {
    expect(responseScale([map(100, 1, (i) => i + 1), map(100, 1, (i) => i + 101)])).to.deep.equal({
      low: 2,
      high: 200,
    });
  });

  it('differences are blue below and red above, to the same extent', () => {
    const difference = differenceOf(map(3, 1, (i) => i), map(3, 1, () => 1)); // prettier-ignore
    expect([...difference.data]).to.deep.equal([-1, 0, 1]);
    const { data } = differencePicture(difference, differenceScale([difference]));
    const [below, same, above] = [0, 1, 2].map((i) => colorAt(data, i)) as [number[], number[], number[]];
    expect(below[2]).to.be.greaterThan(below[0]!);
    expect(above[0]).to.be.greaterThan(above[2]!);
    expect(lightness(same)).to.be.greaterThan(96);
  });

  it('ratios have their deepest colours at four times and at a quarter', () => {
    const { data } = ratioPicture(map(4, 1, (i) => [1, 4, 16, 0][i]!), map(4, 1, (i) => [4, 4, 4, 0][i]!)); // prettier-ignore
    expect([0, 1, 2, 3].map((i) => colorAt(data, i))).to.deep.equal(
      [0, 128, 255, 128].map((i) => colorAt(DIVERGING, i)),
    );
  });

  it('blocks are averaged until both sides fit, cut ones by what they hold', () => {
    const small = blockMeans(map(5, 3, (i) => i), 3); // prettier-ignore
    expect(small).to.include({ width: 3, height: 2 });
    expect([...small.data]).to.deep.equal([3, 5, 6.5, 10.5, 12.5, 14]);
    const fits = map(3, 3, (i) => i);
    expect(blockMeans(fits, 3)).to.equal(fits);
  });
});
