import { expect } from 'chai';
import { decode } from 'fast-png';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { decodeImage, imageFileSize } from '../../src/image/decode.js';
import { expectFailure } from '../support/failure.js';
import { fixture, storedValues } from './support/fixtures.js';

const FILES = [
  'jpeg-20.jpg',
  'jpeg-60-progressive.jpg',
  'jpeg-90-444-turned.jpg',
  'jpeg-gray.jpg',
  'gray.png',
  'alpha.png',
  'palette.png',
];

describe('image: decodeImage', () => {
  for (const name of FILES) {
    it(`reads ${name} to the bit as Pillow 13 does`, async () => {
      const pixels = await decodeImage(await fixture(name), name);
      const [width, height] = name.includes('turned') ? [37, 53] : [53, 37];
      expect({ ...pixels, data: 0 }).to.deep.equal({ data: 0, width, height, channels: 3 });
      expect(Buffer.from(pixels.data).equals(await storedValues(name.replace(/\.\w+$/, '-read.png')))).to.equal(true);
    });
  }

  it('takes the upper 8 of 16 bits', async () => {
    const values = Uint16Array.from({ length: 4 * 4 * 3 }, (_, i) => i * 1300 + 255);
    const png = await sharp(values, { raw: { width: 4, height: 4, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    const stored = decode(png);
    expect(stored.depth).to.equal(16);
    const { data } = await decodeImage(png, 'deep.png');
    expect([...data]).to.deep.equal(Array.from(stored.data, (value) => value >> 8));
  });

  it('gives the stored values of a file with a wide-gamut profile, not converted ones', async () => {
    const png = await sharp(await fixture('rgb.png'))
      .withIccProfile('p3')
      .png()
      .toBuffer();
    const stored = decode(png);
    expect(stored.iccEmbeddedProfile, 'the file holds a profile').not.to.equal(undefined);
    const { data } = await decodeImage(png, 'p3.png');
    expect(Buffer.from(data).equals(Uint8Array.from(stored.data))).to.equal(true);
  });

  for (const name of ['jpeg-20.jpg', 'jpeg-60-progressive.jpg', 'gray.png']) {
    it(`refuses ${name} cut off at any of 20 places, by its name`, async () => {
      const bytes = await fixture(name);
      for (let i = 1; i < 20; i++) {
        const part = bytes.subarray(0, Math.floor((bytes.length * i) / 20));
        await expectFailure(decodeImage(part, `cut/${name}`), 'E_IMAGE_DECODE', `cut/${name}`, `${part.length} bytes`);
      }
    });
  }

  it('says that an empty file is empty', async () => {
    await expectFailure(decodeImage(new Uint8Array(0), 'a.png'), 'E_IMAGE_DECODE', 'a.png', 'an empty file');
  });

  it('refuses what is no image', async () => {
    await expectFailure(decodeImage(Buffer.from('<html>404</html>'), 'a.png'), 'E_IMAGE_DECODE', 'a.png');
  });
});

describe('image: imageFileSize', () => {
  const pathOf = (name: string): string => fileURLToPath(new URL(`../fixtures/image/${name}`, import.meta.url));

  it('reads width and height, which an EXIF orientation swaps', async () => {
    expect(await imageFileSize(pathOf('jpeg-90-444-turned.jpg'))).to.deep.equal({
      ...{ width: 37, height: 53 },
      orientation: 6,
    });
  });

  it('refuses a file that is no image', async () => {
    const path = fileURLToPath(import.meta.url);
    const { length } = await readFile(path);
    await expectFailure(imageFileSize(path), 'E_IMAGE_DECODE', path, `${length} bytes`);
  });
});
