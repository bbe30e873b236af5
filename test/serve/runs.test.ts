import { expect } from 'chai';
import type { Pixels } from '../../src/image/pixels.js';
import { type Ready, runsOf } from '../../src/serve/runs.js';

function frame(level: string | null, width = 8): Ready {
  const pixels: Pixels = { data: new Uint8Array(width * 3), width, height: 1, channels: 3 };
  return { pixels, tracked: { level, confidence: 1, how: 'stated', known: {} }, decode: 0, detect: 0 };
}

describe('runs', () => {
  it('are of one size and one level, in the order in which their first frames came', () => {
    const frames = [
      frame('jpeg=5'),
      frame(null),
      frame('jpeg=5'),
      frame('jpeg=5', 16),
      new Error('no frame'),
      frame('jpeg=50'),
      frame(null),
    ];
    expect(runsOf(frames)).to.deep.equal([
      { frames: [0, 2], level: 'jpeg=5' },
      { frames: [1, 6], level: null },
      { frames: [3], level: 'jpeg=5' },
      { frames: [5], level: 'jpeg=50' },
    ]);
  });
});
