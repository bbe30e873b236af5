import { expect } from 'chai';
import jpegJs from 'jpeg-js';
import { readFileSync } from 'node:fs';
import { jpeg } from '../../src/distort/jpeg.js';
import { decodeImage } from '../../src/image/decode.js';
import type { Pixels } from '../../src/image/pixels.js';
import { ijgTables, quantizationTables } from '../support/jpeg-tables.js';

/** Made by scripts/fixtures/distortions.py with Pillow 13.0. */
function fixture(name: string): Promise<Pixels> {
  return decodeImage(readFileSync(new URL(`../fixtures/distort/${name}`, import.meta.url)), name);
}

const PILLOW_TABLES = JSON.parse(
  readFileSync(new URL('../fixtures/distort/jpeg-tables.json', import.meta.url), 'utf8'),
) as Record<string, [number[], number[]]>;

describe('distort: jpeg', () => {
  let picture: Pixels;
  before(async () => {
    picture = await fixture('picture.png');
  });

  it('has the IJG quantization tables of all 100 qualities', async () => {
    for (let quality = 1; quality <= 100; quality++) {
      const bytes = await jpeg.file!.encode(picture, quality);
      expect(quantizationTables(bytes), `quality ${quality}`).to.deep.equal(ijgTables(quality));
    }
  });

  it("the tables compared with are Pillow's", () => {
    for (const [quality, tables] of Object.entries(PILLOW_TABLES)) {
      expect(ijgTables(Number(quality)), `quality ${quality}`).to.deep.equal(tables);
    }
  });

  it('is baseline with 4:2:0 subsampling', async () => {
    const bytes = await jpeg.file!.encode(picture, 50);
    // SOF0: length 17, 8 bits, height, width, 3 components; the first samples 2x2, the others 1x1.
    const sof = bytes.findIndex((byte, i) => byte === 0xff && bytes[i + 1] === 0xc0);
    expect([...bytes.subarray(sof, sof + 19)]).to.deep.equal([
      ...[0xff, 0xc0, 0, 17, 8, 0, 45, 0, 70, 3],
      ...[1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1],
    ]);
  });

  for (const quality of Object.keys(PILLOW_TABLES)) {
    it(`${quality}: gives the pixels that Pillow's encoder and decoder give, to 1 of 255`, async () => {
      const { data } = await jpeg.apply(picture, Number(quality));
      const expected = await fixture(`picture-jpeg-${quality}.png`);
      expect(greatestDifference(data, expected.data)).to.be.at.most(1);
    });
  }

  it('a second decoder, jpeg-js, sees the same picture', async () => {
    const bytes = await jpeg.file!.encode(picture, 90);
    const { data, width, height } = jpegJs.decode(bytes, { useTArray: true, formatAsRGBA: false });
    expect([width, height]).to.deep.equal([70, 45]);
    const { data: ours } = await decodeImage(bytes, 'jpeg=90');
    // It repeats the nearest chroma sample where libjpeg interpolates, so only the mean is close.
    expect(meanDifference(data, ours)).to.be.below(6);
  });

  it('a gray image stays one plane', async () => {
    const gray: Pixels = { data: new Uint8Array(64).fill(77), width: 8, height: 8, channels: 1 };
    expect(await jpeg.apply(gray, 95)).to.deep.equal(gray);
  });
});

function greatestDifference(a: Uint8Array, b: Uint8Array): number {
  expect(a.length).to.equal(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

function meanDifference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
}
