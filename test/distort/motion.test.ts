import { expect } from 'chai';
import { blurAlong, motion } from '../../src/distort/motion.js';
import type { Pixels } from '../../src/image/pixels.js';
import { difference, fixtureImage } from './support/corruptions.js';
import { itHasTheStatisticsOf } from './support/spread.js';

/** Those of scripts/fixtures/corruptions.py, for severity 1 to 5. */
const ANGLES = [-45, -20.5, 0, 11, 33.3];

describe('distort: motion', () => {
  ANGLES.forEach((angle, i) => {
    it(`${i + 1}: equals imagecorruptions at ${angle} degrees, to 1 of 255 in at most 0.1% of the values`, async () => {
      const result = blurAlong(await fixtureImage('picture.png'), i + 1, angle);
      const { greatest, share } = difference(result, await fixtureImage(`corruptions/motion-${i + 1}.png`));
      expect(greatest).to.be.at.most(1);
      expect(share).to.be.at.most(0.001);
    });
  });

  itHasTheStatisticsOf('motion', (pixels, severity, random) => blurAlong(pixels, severity, -45 + 90 * random.next()));

  it('leaves a flat image as it is, also one smaller than the trail', async () => {
    for (const [width, height] of [
      [50, 40],
      [5, 3],
      [1, 1],
    ] as const) {
      const flat: Pixels = { data: new Uint8Array(width * height * 3).fill(201), width, height, channels: 3 };
      for (const severity of [1, 2, 3, 4, 5]) expect(await motion.apply(flat, severity)).to.deep.equal(flat);
    }
  });

  it('images have angles of their own', async () => {
    const dot = (color: number): Pixels => {
      const data = new Uint8Array(61 * 61);
      data[30 * 61 + 30] = color;
      return { data, width: 61, height: 61, channels: 1 };
    };
    const trails = await Promise.all([250, 251, 252, 253, 254, 255].map((color) => motion.apply(dot(color), 1)));
    // Where the fourth row above or below the dot is hit, or that none is, tells angles apart.
    const places = trails.map(({ data }) => data.findIndex((value) => value > 0));
    expect(new Set(places).size).to.be.at.least(3);
  });
});
