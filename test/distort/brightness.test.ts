import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { brightness } from '../../src/distort/brightness.js';

/** Factor -> what Pillow 13.0's ImageEnhance.Brightness makes of the bytes 0..255; by scripts/fixtures/distortions.py. */
const PILLOW = JSON.parse(
  readFileSync(new URL('../fixtures/distort/brightness.json', import.meta.url), 'utf8'),
) as Record<string, number[]>;

const EVERY_BYTE = { data: Uint8Array.from({ length: 256 }, (_, i) => i), width: 256, height: 1, channels: 1 } as const;

describe('distort: brightness', () => {
  for (const [factor, expected] of Object.entries(PILLOW)) {
    it(`${factor}: equals Pillow on all 256 byte values`, async () => {
      const { data } = await brightness.apply(EVERY_BYTE, Number(factor));
      expect([...data]).to.deep.equal(expected);
    });
  }

  it('the fixture tells single from double precision: 0.7 x 90 is 63 in the one and below it in the other', () => {
    expect(PILLOW['0.7']![90]).to.equal(63);
    expect(0.7 * 90).to.be.below(63);
  });
});
