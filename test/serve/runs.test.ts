import { expect } from 'chai';
import type { Pixels } from '../../src/image/pixels.js';
import type { Neighbours } from '../../src/serve/between.js';
import { type Ready, runsOf } from '../../src/serve/runs.js';

const BLEND: Neighbours = { levels: ['jpeg=5', 'jpeg=10'], share: 0.5 };

function frame(level: string | null, width = 8, between?: Neighbours): Ready {
  const pixels: Pixels = { data: new Uint8Array(width * 3), width, height: 1, channels: 3 };
  return { pixels, tracked: { level, confidence: 1, how: 'stated', known: {} }, between, decode: 0, detect: 0 };
}

const network = (mixes: boolean, blends = true) => ({ mixes: () => mixes, seats: 4, blends: () => blends });
const frames = [
  frame('jpeg=5'),
  frame(null),
  frame('jpeg=5'),
  frame('jpeg=5', 16),
  new Error('no frame'),
  frame('jpeg=50'),
];

describe('runs', () => {
  it('are of one size and one level where a network does not mix', () => {
    expect(runsOf(frames, network(false))).to.deep.equal([
      { frames: [0, 2], choice: 'jpeg=5' },
      { frames: [1], choice: null },
      { frames: [5], choice: 'jpeg=50' },
      { frames: [3], choice: 'jpeg=5' },
    ]);
  });

  it('are of one size and any levels where it does', () => {
    expect(runsOf(frames, network(true))).to.deep.equal([
      { frames: [1, 5, 0, 2], choice: [null, 'jpeg=50', 'jpeg=5', 'jpeg=5'] },
      { frames: [3], choice: 'jpeg=5' },
    ]);
  });

  it('mix no more frames than there are seats, and split no level', () => {
    const many = ['a', 'a', 'a', 'b', 'b', 'c'].map((level) => frame(level));
    expect(runsOf(many, network(true))).to.deep.equal([
      { frames: [5, 3, 4], choice: ['c', 'b', 'b'] },
      { frames: [0, 1, 2], choice: 'a' },
    ]);
    const long = Array.from({ length: 9 }, () => frame('a'));
    expect(runsOf(long, network(true))).to.deep.equal([{ frames: [0, 1, 2, 3, 4, 5, 6, 7, 8], choice: 'a' }]);
  });

  it('keep blends to themselves, and take the nearest level where two adaptors do not blend', () => {
    const between = [frame('jpeg=5', 8, BLEND), frame('jpeg=50'), frame('jpeg=5', 8, { ...BLEND })];
    expect(runsOf(between, network(true))).to.deep.equal([
      { frames: [1], choice: 'jpeg=50' },
      { frames: [0, 2], choice: BLEND },
    ]);
    expect(runsOf(between, network(true, false))).to.deep.equal([
      { frames: [1, 0, 2], choice: ['jpeg=50', 'jpeg=5', 'jpeg=5'] },
    ]);
  });
});
