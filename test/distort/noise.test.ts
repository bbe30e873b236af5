import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { addNoise, noise, noiseOffsets } from '../../src/distort/noise.js';
import type { Pixels } from '../../src/image/pixels.js';
import { fixtureImage, fixtureJson } from './support/corruptions.js';
import { itHasTheStatisticsOf } from './support/spread.js';

describe('distort: noise', () => {
  fixtureJson<string[]>('corruptions/noise-offsets.json').forEach((expected, i) => {
    it(`${i + 1}: its 65,536 cases are SciPy's quantiles of the normal distribution, every one`, () => {
      expect(
        createHash('sha256')
          .update(noiseOffsets(i + 1))
          .digest('hex'),
      ).to.equal(expected);
    });
  });

  itHasTheStatisticsOf('noise', addNoise);

  it('is drawn for every value by itself: no channel, column or row repeats another', async () => {
    const gray: Pixels = { data: new Uint8Array(64 * 64 * 3).fill(128), width: 64, height: 64, channels: 3 };
    const values = Array.from((await noise.apply(gray, 1)).data, (value) => value - 127.5);
    const variance = mean(values.map((value) => value ** 2));
    for (const lag of [1, 2, 3, 6, 3 * 64, 2 * 3 * 64]) {
      const correlation = mean(values.slice(lag).map((value, i) => value * values[i]!)) / variance;
      // 12,288 values: the standard error is 0.009.
      expect(correlation, `lag ${lag}`).to.be.within(-0.036, 0.036);
    }
  });

  it('an image has its own noise, which one changed value changes everywhere; severities share it', async () => {
    const pixels = await fixtureImage('picture.png');
    const changed = { ...pixels, data: pixels.data.with(0, pixels.data[0]! ^ 1) };
    const [first, second, strong] = [
      await noise.apply(pixels, 1),
      await noise.apply(changed, 1),
      await noise.apply(pixels, 2),
    ];
    const same = [...first.data].filter((value, i) => value === second.data[i]).length / first.data.length;
    expect(same).to.be.below(0.1);
    const signs = [...first.data].filter(
      (value, i) => (value - pixels.data[i]!) * (strong.data[i]! - pixels.data[i]!) < 0,
    );
    expect(signs).to.have.lengthOf(0);
  });
});

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
