import { expect } from 'chai';
import { distance, placeOf } from '../../../src/distort/detect/scales.js';
import type { Step } from '../../../src/distort/step.js';

const size = { width: 480, height: 360 };
const place = (...steps: [string, number | string][]) =>
  placeOf(
    steps.map(([kind, value]): Step => ({ kind, value })),
    size,
  );
const jpegs = (a: number, b: number): number => distance(place(['jpeg', a]), place(['jpeg', b]), ['jpeg']);

describe('distort: detect: scales', () => {
  it('JPEG 100 is clean, and lower qualities are further and further from it, as far as 255 allows', () => {
    const clean = (quality: number): number => distance(place(), place(['jpeg', quality]), ['jpeg']);
    expect(clean(100)).to.equal(0);
    for (let quality = 3; quality <= 94; quality++) expect(clean(quality)).to.be.greaterThan(clean(quality + 2));
  });

  it('five steps of quality weigh more among the low ones', () => {
    expect(jpegs(5, 10)).to.be.greaterThan(10 * jpegs(50, 55));
    expect(jpegs(85, 90)).to.be.below(0.03);
  });

  it('JPEG 10, half the light and half the size are each about 1 from clean', () => {
    expect(jpegs(100, 10)).to.be.within(0.95, 1);
    expect(distance(place(), place(['brightness', 0.5]), ['brightness'])).to.equal(1);
    expect(distance(place(), place(['resolution', '240x180']), ['resolution'])).to.equal(1);
    expect(distance(place(), place(['resolution', '0.5x']), ['resolution'])).to.equal(1);
  });

  it('half and twice as bright are equally far from as it was; black is far but not infinitely', () => {
    const from = (factor: number): number => distance(place(), place(['brightness', factor]), ['brightness']);
    expect(from(2)).to.equal(from(0.5));
    expect(from(0)).to.equal(8);
  });

  it('of two compressions the worse counts; two factors multiply', () => {
    expect(distance(place(['jpeg', 10], ['jpeg', 95]), place(['jpeg', 10]), ['jpeg'])).to.equal(0);
    const twice = place(['brightness', 0.5], ['brightness', 0.5]);
    expect(distance(twice, place(['brightness', 0.25]), ['brightness'])).to.equal(0);
  });

  it('distances of several kinds add up; a kind not asked for does not count', () => {
    const both = place(['brightness', 0.5], ['jpeg', 10]);
    const sum = jpegs(100, 10) + 1;
    expect(distance(both, place(), ['brightness', 'jpeg'])).to.be.closeTo(sum, 1e-12);
    expect(distance(both, place(), ['brightness'])).to.equal(1);
  });

  it('kinds that only are stated bring their scale: severity 4 is 1 from clean, gamma 2 and gamma 0.5 too', () => {
    for (const kind of ['noise', 'motion', 'defocus', 'fog']) {
      expect(distance(place(), place([kind, 4]), [kind]), kind).to.equal(1);
      expect(distance(place([kind, 2]), place([kind, 3]), [kind]), kind).to.equal(0.25);
      expect(distance(place([kind, 2], [kind, 3]), place([kind, 3]), [kind]), kind).to.equal(0);
    }
    for (const value of [0.5, 2]) expect(distance(place(), place(['gamma', value]), ['gamma'])).to.equal(1);
    expect(distance(place(['gamma', 2], ['gamma', 2]), place(['gamma', 4]), ['gamma'])).to.equal(0);
  });

  it('a kind without a scale is equal or infinitely far', () => {
    expect(distance(place(['sepia', 24]), place(['sepia', 24]), ['sepia'])).to.equal(0);
    expect(distance(place(['sepia', 24]), place(['sepia', 25]), ['sepia'])).to.equal(Infinity);
    expect(distance(place(['sepia', 24]), place(), ['sepia'])).to.equal(Infinity);
  });

  it('a CRF of 6 more is twice as far from clean, and 42 as far as JPEG 10', () => {
    const far = (value: number): number => distance(place(['h264', value]), place(), ['h264']);
    expect(far(42)).to.equal(1);
    expect(far(36)).to.equal(0.5);
    expect(far(48)).to.equal(2);
  });

  it('a resolution without a reference size is equal or infinitely far', () => {
    const [a, b] = ['240x180', '480x360'].map((value) => placeOf([{ kind: 'resolution', value }]));
    expect(distance(a!, a!, ['resolution'])).to.equal(0);
    expect(distance(a!, b!, ['resolution'])).to.equal(Infinity);
  });
});
