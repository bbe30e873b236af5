import { expect } from 'chai';
import { detectJpeg } from '../../../src/distort/detect/jpeg.js';
import { encodePng } from '../../../src/image/encode.js';
import type { Pixels } from '../../../src/image/pixels.js';
import { evidence, saved, scenes } from './support/pictures.js';

/** What is found in a picture saved at one quality and then at another. */
async function savedTwice(picture: Pixels, first: number, second: number, mozjpeg = false) {
  return detectJpeg(
    await evidence(await saved(await saved(picture, { quality: first }), { quality: second, mozjpeg })),
  );
}

describe('distort: detect: JPEG history', () => {
  let pictures: Pixels[];
  before(async () => {
    pictures = await scenes(3);
  });

  for (const [first, second] of [
    [10, 95],
    [5, 95],
    [3, 100],
    [10, 75],
    [10, 50],
    [10, 30],
    [20, 50],
    [30, 95],
    [30, 75],
    [50, 95],
    [70, 90],
    [85, 95],
  ] as const) {
    it(`saved at ${first} and again at ${second}: treated as ${first}`, async () => {
      for (const picture of pictures) {
        const found = (await savedTwice(picture, first, second))!;
        expect(found.from).to.equal('history');
        expect(found.quality).to.be.within(first - 1, first + 1);
        expect(found.confidence).to.be.within(0.8, 1);
      }
    });
  }

  it('saved at 10 and again by mozjpeg at 90: treated as 10', async () => {
    for (const picture of pictures) expect((await savedTwice(picture, 10, 90, true))!.quality).to.equal(10);
  });

  it('two qualities near each other are never read as one far below both', async () => {
    for (const picture of pictures) {
      for (const first of [5, 7, 10, 14]) {
        for (let second = first + 1; second <= 1.6 * first; second++) {
          const { quality } = (await savedTwice(picture, first, second))!;
          expect(quality, `${first}, ${second}`).to.be.within(first - 1, second);
        }
      }
    }
  });

  it('saved at 95 and again at 10: 10, from the tables', async () => {
    expect(await savedTwice(pictures[0]!, 95, 10)).to.deep.equal({ quality: 10, confidence: 1, from: 'tables' });
  });

  it('saved once: never taken for saved twice, at no quality, nor by mozjpeg', async () => {
    for (const picture of pictures) {
      for (let quality = 2; quality <= 100; quality += 3) {
        const plain = detectJpeg(await evidence(await saved(picture, { quality })));
        expect(plain).to.deep.equal({ quality, confidence: 1, from: 'tables' });
        const other = detectJpeg(await evidence(await saved(picture, { quality, mozjpeg: true })))!;
        expect(other.from, `mozjpeg ${quality}`).to.equal('tables');
      }
    }
  });

  it('pixels that never were a JPEG: 100, half sure', async () => {
    for (const pixels of pictures) {
      expect(detectJpeg({ pixels })).to.deep.equal({ quality: 100, confidence: 0.5, from: 'none' });
    }
  });

  for (const quality of [10, 30, 60, 80]) {
    it(`a PNG of a JPEG of quality ${quality}: treated as ${quality}`, async () => {
      for (const picture of pictures) {
        const { pixels } = await evidence(await saved(picture, { quality }));
        const found = detectJpeg(await evidence(await encodePng(pixels)))!;
        expect(found.from).to.equal('history');
        expect(found.quality).to.be.within(quality - 1, quality + 1);
      }
    });
  }

  it('a gray picture shows its history too', async () => {
    const gray: Pixels = { ...pictures[0]!, channels: 1, data: pictures[0]!.data.filter((_, i) => i % 3 === 1) };
    expect((await savedTwice(gray, 10, 95))!.quality).to.equal(10);
  });

  it('a flat, a tiny or a clipped image claims nothing', async () => {
    const image = (width: number, height: number, value: number): Pixels => ({
      data: new Uint8Array(width * height * 3).fill(value),
      width,
      height,
      channels: 3,
    });

    for (const pixels of [
      image(480, 360, 128),
      image(480, 360, 255),
      image(480, 360, 0),
      image(1, 1, 90),
      image(40, 40, 90),
      image(0, 0, 0),
    ]) {
      expect(detectJpeg({ pixels })).to.equal(undefined);
    }
    const clipped = await evidence(await saved(image(480, 360, 255), { quality: 70 }));
    expect(detectJpeg(clipped)).to.deep.equal({ quality: 70, confidence: 1, from: 'tables' });
  });

  for (const [what, value] of [
    ['stripes of 4 pixels', (x: number) => (x % 8 < 4 ? 90 : 150)],
    ['stripes whose edges lie within the blocks', (x: number) => ((x + 4) % 16 < 8 ? 90 : 150)],
    ['a board of 8x8 fields', (x: number, y: number) => (((x >> 3) + (y >> 3)) % 2 === 0 ? 60 : 190)],
    ['fields of 4x4 in three grays', (x: number, y: number) => 60 + 60 * ((((x >> 2) * 7) ^ ((y >> 2) * 13)) % 3)],
    ['a slope', (x: number, y: number) => 20 + Math.floor((x + y) / 4)],
    ['lines of one pixel', (x: number, y: number) => (x % 13 === 0 || y % 11 === 0 ? 40 : 220)],
  ] as const) {
    it(`drawn ${what}: no history, before and after one compression`, async () => {
      const pixels: Pixels = { data: new Uint8Array(480 * 360), width: 480, height: 360, channels: 1 };
      pixels.data.forEach((_, i) => (pixels.data[i] = value(i % 480, Math.floor(i / 480))));
      expect(detectJpeg({ pixels })?.from).not.to.equal('history');
      for (const quality of [30, 60, 90]) {
        expect(detectJpeg(await evidence(await saved(pixels, { quality })))!.from, `quality ${quality}`).to.equal(
          'tables',
        );
      }
    });
  }

  it('pixels of another size than the file are not compared with its grid', async () => {
    const bytes = await saved(await saved(pictures[0]!, { quality: 10 }), { quality: 95 });
    const { pixels } = await evidence(bytes);
    const cropped = { ...pixels, height: 344, data: pixels.data.subarray(0, 344 * 480 * 3) };
    expect(detectJpeg({ bytes, pixels: cropped })!.from).to.equal('tables');
  });
});
