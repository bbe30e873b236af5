import { expect } from 'chai';
import { formatSize, parseSize } from '../../../src/distort/detect/resolution.js';

describe('distort: detect: resolution', () => {
  const reference = { width: 480, height: 360 };

  it('is written WIDTHxHEIGHT and reads back', () => {
    expect(formatSize({ width: 512, height: 256 })).to.equal('512x256');
    expect(parseSize('512x256')).to.deep.equal({ width: 512, height: 256 });
  });

  it('0.5x is half of the width and of the height of the reference', () => {
    expect(parseSize('0.5x', reference)).to.deep.equal({ width: 240, height: 180 });
    expect(parseSize('.25x', reference)).to.deep.equal({ width: 120, height: 90 });
  });

  it('0.5x of no reference is none', () => {
    expect(parseSize('0.5x')).to.equal(undefined);
  });

  for (const text of ['', 'x', '512', 'x256', '0x256', '0x', '-1x', '512x256x3', '1e3x', '512 x 256', 'NaNx']) {
    it(`"${text}" is none`, () => {
      expect(parseSize(text, reference)).to.equal(undefined);
    });
  }
});
