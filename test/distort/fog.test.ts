import { expect } from 'chai';
import { Random } from '../../src/common/random.js';
import { addFog, fog } from '../../src/distort/fog.js';
import { plasma } from '../../src/distort/plasma.js';
import type { Pixels } from '../../src/image/pixels.js';
import { difference, fixtureImage } from './support/corruptions.js';
import { itHasTheStatisticsOf } from './support/spread.js';

describe('distort: fog', () => {
  for (const severity of [1, 2, 3, 4, 5]) {
    it(`${severity}: equals imagecorruptions bit for bit where both are given the same draws`, async () => {
      const result = addFog(await fixtureImage('picture.png'), severity, new Random(severity));
      const reference = await fixtureImage(`corruptions/fog-${severity}.png`);
      expect(difference(result, reference)).to.deep.equal({ greatest: 0, share: 0 });
    });
  }

  itHasTheStatisticsOf('fog', addFog);

  it('the map takes 0 and 1 and goes on at its opposite edges', () => {
    const map = plasma(64, 2, Random.of(5, 'plasma'));
    expect([Math.min(...map), Math.max(...map)]).to.deep.equal([0, 1]);
    const step = (x: number): number => {
      const rows = Array.from({ length: 64 }, (_, y) => Math.abs(map[y * 64 + x]! - map[y * 64 + ((x + 1) % 64)]!));
      return rows.reduce((sum, one) => sum + one, 0);
    };
    const inside = Array.from({ length: 63 }, (_, x) => step(x));
    expect(step(63)).to.be.below(Math.max(...inside));
  });

  it('leaves a black image black, as there is no light to scatter', async () => {
    const black: Pixels = { data: new Uint8Array(48), width: 4, height: 4, channels: 3 };
    expect(await fog.apply(black, 5)).to.deep.equal(black);
  });
});
