import { expect } from 'chai';
import sharp, { type Sharp } from 'sharp';
import { type ImageHeader, readImageHeader } from '../../src/image/header.js';

/** Files of several encoders' options, by sharp. */
const FILES: [title: string, format: ImageHeader['format'], encode: (image: Sharp) => Sharp][] = [
  ['baseline JPEG', 'jpeg', (image) => image.jpeg()],
  ['progressive JPEG', 'jpeg', (image) => image.jpeg({ progressive: true })],
  ['mozjpeg', 'jpeg', (image) => image.jpeg({ mozjpeg: true })],
  ['gray JPEG', 'jpeg', (image) => image.grayscale().jpeg()],
  ['JPEG with metadata', 'jpeg', (image) => image.withMetadata({ orientation: 6 }).keepIccProfile().jpeg()],
  ['PNG', 'png', (image) => image.png()],
  ['palette PNG', 'png', (image) => image.png({ palette: true })],
  ['lossy WebP', 'webp', (image) => image.webp()],
  ['lossless WebP', 'webp', (image) => image.webp({ lossless: true })],
  ['WebP with alpha', 'webp', (image) => image.ensureAlpha(0.5).webp()],
];

describe('image header', () => {
  for (const [title, format, encode] of FILES) {
    it(`${title}: the size that sharp decodes, from any part of the file that holds it`, async () => {
      for (const [width, height] of [
        [1, 1],
        [37, 200],
        [300, 17],
      ] as const) {
        const background = { r: 90, g: 120, b: 10 };
        const file = await encode(sharp({ create: { width, height, channels: 3, background } })).toBuffer();
        const { info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
        expect(readImageHeader(file)).to.deep.equal({ format, width: info.width, height: info.height });
        for (let end = 0; end < Math.min(file.length, 700); end++) {
          const header = readImageHeader(file.subarray(0, end));
          if (header) expect(header).to.deep.equal({ format, width, height });
        }
      }
    });
  }

  it('other formats, text and nothing have none', async () => {
    const gif = await sharp({ create: { width: 2, height: 2, channels: 3, background: 'red' } })
      .gif()
      .toBuffer();
    for (const bytes of [gif, Buffer.from('<svg width="10" height="10"/>'), Buffer.alloc(0), Buffer.alloc(100, 255)])
      expect(readImageHeader(bytes)).to.equal(undefined);
  });

  it('a JPEG whose picture begins before its size has none, nor one with a segment of no length', () => {
    expect(readImageHeader(Buffer.from('ffd8ffda00080101000000000000', 'hex'))).to.equal(undefined);
    expect(readImageHeader(Buffer.from('ffd8ffe00000ffc000110800080008', 'hex'))).to.equal(undefined);
  });
});
