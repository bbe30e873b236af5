import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { distort, encodeDistorted, extensionOf } from '../../src/distort/distort.js';
import { parseLevel } from '../../src/distort/level.js';
import { decodeImage } from '../../src/image/decode.js';
import type { Pixels } from '../../src/image/pixels.js';
import { quantizationTables, ijgTables } from '../support/jpeg-tables.js';

/** Made by scripts/fixtures/distortions.py with Pillow 13.0. */
function fixture(name: string): Promise<Pixels> {
  return decodeImage(readFileSync(new URL(`../fixtures/distort/${name}`, import.meta.url)), name);
}

describe('distort: levels applied', () => {
  let picture: Pixels;
  before(async () => {
    picture = await fixture('picture.png');
  });

  it('steps are applied in order: jpeg=30+brightness=0.5 equals Pillow, and the other order is another picture', async () => {
    const expected = await fixture('picture-jpeg-30-brightness-0.5.png');
    const difference = (pixels: Pixels): number =>
      pixels.data.reduce((most, value, i) => Math.max(most, Math.abs(value - expected.data[i]!)), 0);
    expect(difference(await distort(picture, parseLevel('jpeg=30+brightness=0.5')))).to.be.at.most(1);
    expect(difference(await distort(picture, parseLevel('brightness=0.5+jpeg=30')))).to.be.above(10);
  });

  it('`clean` is the picture itself', async () => {
    expect(await distort(picture, parseLevel('clean'))).to.equal(picture);
  });

  for (const level of ['clean', 'brightness=0.5', 'jpeg=30', 'brightness=0.5+jpeg=30', 'jpeg=30+brightness=0.5']) {
    it(`${level}: the file decodes to what the picture in memory is`, async () => {
      const bytes = await encodeDistorted(picture, parseLevel(level));
      const decoded = await decodeImage(bytes, level);
      expect({ ...decoded, data: [...decoded.data] }).to.deep.equal({
        ...decoded,
        data: [...(await distort(picture, parseLevel(level))).data],
      });
    });
  }

  it('a level that ends in jpeg is a JPEG file of that quality, any other a PNG', async () => {
    const bytes = await encodeDistorted(picture, parseLevel('brightness=0.5+jpeg=30'));
    expect(quantizationTables(bytes)).to.deep.equal(ijgTables(30));
    expect(extensionOf(parseLevel('brightness=0.5+jpeg=30'))).to.equal('.jpg');
    for (const level of ['jpeg=30+brightness=0.5', 'clean']) {
      expect([...(await encodeDistorted(picture, parseLevel(level))).subarray(1, 4)]).to.deep.equal([
        ...Buffer.from('PNG'),
      ]);
      expect(extensionOf(parseLevel(level))).to.equal('.png');
    }
  });
});
