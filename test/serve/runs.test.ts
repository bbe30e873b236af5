import { expect } from 'chai';
import type { Pixels } from '../../src/image/pixels.js';
import type { Neighbours } from '../../src/serve/between.js';
import { type Ready, runsOf } from '../../src/serve/runs.js';

const BLEND: Neighbours = { levels: ['jpeg=5', 'jpeg=10'], share: 0.5 };

function frame(level: string | null, width = 8, between?: Neighbours): Ready {
  const pixels: Pixels = { data: new Uint8Array(width * 3), width, height: 1, channels: 3 };
  return { pixels, tracked: { level, confidence: 1, how: 'stated', known: {} }, between, decode: 0, detect: 0 };
}

const network = (blends = true) => ({ blends: () => blends });

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
    expect(runsOf(frames, network())).to.deep.equal([
      { frames: [0, 2], choice: 'jpeg=5' },
      { frames: [1, 6], choice: null },
      { frames: [3], choice: 'jpeg=5' },
      { frames: [5], choice: 'jpeg=50' },
    ]);
  });

  it('keep blends to themselves, and take the nearest level where two adaptors do not blend', () => {
    const between = [
      frame('jpeg=5', 8, BLEND),
      frame('jpeg=50'),
      frame('jpeg=5', 8, { ...BLEND }),
      frame('jpeg=5', 8, { ...BLEND, share: 0.25 }),
    ];
    expect(runsOf(between, network())).to.deep.equal([
      { frames: [0, 2], choice: BLEND },
      { frames: [1], choice: 'jpeg=50' },
      { frames: [3], choice: { ...BLEND, share: 0.25 } },
    ]);
    expect(runsOf(between, network(false))).to.deep.equal([
      { frames: [0, 2, 3], choice: 'jpeg=5' },
      { frames: [1], choice: 'jpeg=50' },
    ]);
  });
});
