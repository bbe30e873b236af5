import { expect } from 'chai';
import { DistinctFrames } from '../../../src/adapt/camera/distinct-frames.js';
import { Random } from '../../../src/common/random.js';
import type { Picture } from '../../../src/video/picture.js';

const SIDE = 48;

/** A picture of 4x4 gray fields that the seed decides. */
function fields(seed: number, brighter = 0, noise = 0): Picture {
  const [random, grain] = [Random.of(seed), Random.of(seed, 'noise')];
  const values = Array.from({ length: 16 }, () => 40 + random.integer(140));
  const data = new Uint8Array(SIDE * SIDE * 3);
  for (let i = 0; i < data.length; i++) {
    const [x, y] = [Math.floor(i / 3) % SIDE, Math.floor(i / 3 / SIDE)];
    const field = values[Math.floor(x / 12) + 4 * Math.floor(y / 12)]!;
    data[i] = Math.round(field + brighter + noise * (grain.next() - 0.5));
  }
  return { data, width: SIDE, height: SIDE, channels: 3 };
}

/** The smallest mean difference of two pictures' fields, less their means. */
function smallestGap(pictures: readonly Picture[]): number {
  const centred = pictures.map(({ data }) => {
    const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
    return Float64Array.from(data, (value) => value - mean);
  });
  let least = Infinity;
  centred.forEach((a, i) => {
    for (const b of centred.slice(0, i)) {
      const apart = a.reduce((sum, value, k) => sum + Math.abs(value - b[k]!), 0) / a.length;
      least = Math.min(least, apart);
    }
  });
  return least;
}

describe('adapt: frames that differ', () => {
  it('take each scene once, whatever the noise and the brightness', () => {
    const kept = new DistinctFrames<string>(10);
    expect(kept.offer('a', fields(1))).to.deep.equal({ kept: true });
    expect(kept.offer('a again', fields(1, 0, 30))).to.deep.equal({ kept: false });
    expect(kept.offer('a by night', fields(1, -30))).to.deep.equal({ kept: false });
    expect(kept.offer('b', fields(2))).to.deep.equal({ kept: true });
    expect(kept.frames).to.deep.equal(['a', 'b']);
  });

  it('are no more than asked for, and the nearest two of them are never nearer than before', () => {
    const kept = new DistinctFrames<Picture>(5);
    let gap = 0;
    const dropped: Picture[] = [];
    for (let seed = 0; seed < 200; seed++) {
      const picture = fields(seed);
      const answer = kept.offer(picture, picture);
      if (answer.dropped) dropped.push(answer.dropped);
      expect(kept.frames).to.have.length(Math.min(seed + 1, 5));
      if (seed < 5) continue;
      const now = smallestGap(kept.frames);
      // The small pictures that are compared are rounded.
      expect(now).to.be.above(gap - 1);
      gap = Math.max(gap, now);
    }
    expect(dropped).to.have.length.above(5);
    expect(dropped.some((picture) => kept.frames.includes(picture))).to.equal(false);
    expect(gap).to.be.above(smallestGap([0, 1, 2, 3, 4].map((seed) => fields(seed))));
  });

  it('of one alone is the first', () => {
    const kept = new DistinctFrames<number>(1);
    for (let seed = 0; seed < 5; seed++) kept.offer(seed, fields(seed));
    expect(kept.frames).to.deep.equal([0]);
  });
});
