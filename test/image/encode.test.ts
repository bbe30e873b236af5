import { expect } from 'chai';
import { decode } from 'fast-png';
import { decodeImage } from '../../src/image/decode.js';
import { encodeJpeg, encodePng } from '../../src/image/encode.js';
import type { Pixels } from '../../src/image/pixels.js';
import { expectFailure } from '../support/failure.js';
import { fixture, storedValues } from './support/fixtures.js';

describe('image: encodePng', () => {
  it('keeps every value of an RGB image', async () => {
    const pixels = await decodeImage(await fixture('rgb.png'), 'rgb.png');
    const { data, channels } = decode(await encodePng(pixels));
    expect(channels).to.equal(3);
    expect(Buffer.from(pixels.data).equals(Uint8Array.from(data))).to.equal(true);
  });

  it('writes one plane as a gray PNG with the same values', async () => {
    const gray: Pixels = { data: await storedValues('gray.png'), width: 53, height: 37, channels: 1 };
    const { data, channels } = decode(await encodePng(gray));
    expect(channels).to.equal(1);
    expect(Buffer.from(gray.data).equals(Uint8Array.from(data))).to.equal(true);
  });
});

describe('image: encodeJpeg', () => {
  it('decodes to the same pixels as the file that Pillow 13 writes at quality 20', async () => {
    const pixels = await decodeImage(await fixture('rgb.png'), 'rgb.png');
    const ours = await decodeImage(await encodeJpeg(pixels, 20), 'ours');
    expect(Buffer.from(ours.data).equals(await storedValues('jpeg-20-read.png'))).to.equal(true);
  });

  it("has the standard's Huffman tables where told to, and the same pixels", async () => {
    const pixels = await decodeImage(await fixture('rgb.png'), 'rgb.png');
    const files = [await encodeJpeg(pixels, 20, 'standard'), await encodeJpeg(pixels, 20)];
    const [standard, optimal] = await Promise.all(files.map((file) => decodeImage(file, 'file')));
    expect(Buffer.from(standard!.data).equals(optimal!.data)).to.equal(true);
    // Lengths of the codes of the luminance's DC coefficients, ITU-T T.81 Table K.3.
    const table = Buffer.from([0x00, 0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0]);
    expect(files.map((file) => Buffer.from(file).includes(table))).to.deep.equal([true, false]);
  });

  for (const quality of [0, 101, 30.5, Number.NaN]) {
    it(`refuses a quality of ${quality}`, async () => {
      const pixel: Pixels = { data: new Uint8Array(3), width: 1, height: 1, channels: 3 };
      await expectFailure(encodeJpeg(pixel, quality), 'E_USAGE', 'from 1 to 100', String(quality));
    });
  }
});
