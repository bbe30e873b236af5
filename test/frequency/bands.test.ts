import { expect } from 'chai';
import { bandChanges, bandOf, radialFrequency, summarizeResponse } from '../../src/frequency/bands.js';

describe('frequency: bands', () => {
  it('1 is half a period per pixel along either axis, whatever the size', () => {
    expect(radialFrequency(0, 8, { height: 4, width: 8 })).to.equal(1);
    expect(radialFrequency(4, 0, { height: 4, width: 8 })).to.equal(1);
    expect(radialFrequency(3, 4, { height: 10, width: 10 })).to.equal(0.5);
  });

  it('a band begins where the one below ends', () => {
    expect([0, 0.249, 0.25, 0.499, 0.5, 1.4].map(bandOf)).to.deep.equal(['low', 'low', 'mid', 'mid', 'high', 'high']);
  });

  it('means, shares and total of a map of 4x4, by hand', () => {
    // Radial frequencies: 0 at (0, 0); 0.25 at (0, 1) and (1, 0), 0.354 at (1, 1); the other 12 are 0.5 and above.
    const data = new Float32Array(16).fill(1);
    data.set([10, 4], 0);
    data.set([4, 4], 4);
    const { total, shares, bands, radial } = summarizeResponse({ data, width: 4, height: 4 });
    expect(total).to.equal(34);
    expect(bands).to.deep.equal({ low: 10, mid: 4, high: 1 });
    expect(shares).to.deep.equal({ low: 10 / 34, mid: 12 / 34, high: 12 / 34 });
    expect(radial).to.have.length(32);
    expect([radial[0], radial[1], radial[8], radial[11], radial[16]]).to.deep.equal([10, null, 4, 4, 1]);
  });

  it('changes are relative to the other network', () => {
    const bands = { low: 2, mid: 3, high: 1 };
    const changes = bandChanges({ bands }, { bands: { low: 4, mid: 3, high: 0 } });
    expect(changes).to.deep.equal({ low: -0.5, mid: 0, high: null });
  });
});
