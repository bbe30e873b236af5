import { expect } from 'chai';
import { Random } from '../../src/common/random.js';
import { decodeImage } from '../../src/image/decode.js';
import type { LabelMap, Pixels } from '../../src/image/pixels.js';
import { resizeLabels, resizePixels } from '../../src/image/resize.js';
import { fixture, storedValues } from './support/fixtures.js';

const SIZES = ['53x37', '106x74', '80x50', '40x28', '17x90', '5x3', '1x1'];

describe('image: resizePixels', () => {
  let pixels: Pixels;
  before(async () => {
    pixels = await decodeImage(await fixture('rgb.png'), 'rgb.png');
  });

  for (const size of SIZES) {
    it(`53x37 to ${size} is Pillow 13's BILINEAR to the bit`, async () => {
      const [width, height] = size.split('x').map(Number) as [number, number];
      const resized = resizePixels(pixels, { width, height });
      expect([resized.width, resized.height, resized.channels]).to.deep.equal([width, height, 3]);
      expect(Buffer.from(resized.data).equals(await storedValues(`resized-${size}.png`))).to.equal(true);
    });
  }

  it('a window is that part of the whole, at 20 random places', () => {
    const random = new Random(1);
    const size = { width: 71, height: 29 };
    const whole = resizePixels(pixels, size);
    for (let i = 0; i < 20; i++) {
      const [x, y] = [random.integer(size.width), random.integer(size.height)];
      const window = { x, y, width: 1 + random.integer(size.width - x), height: 1 + random.integer(size.height - y) };
      const part = resizePixels(pixels, size, window);
      const rows = Array.from({ length: window.height }, (_, row) => {
        const from = ((y + row) * size.width + x) * 3;
        return whole.data.subarray(from, from + window.width * 3);
      });
      expect(Buffer.concat(rows).equals(part.data), JSON.stringify(window)).to.equal(true);
    }
  });

  it('resizes one plane as it resizes each of three', async () => {
    const gray: Pixels = { data: await storedValues('gray.png'), width: 53, height: 37, channels: 1 };
    const three = await decodeImage(await fixture('gray.png'), 'gray.png');
    const size = { width: 40, height: 60 };
    const [one, rgb] = [resizePixels(gray, size), resizePixels(three, size)];
    expect([...one.data]).to.deep.equal([...rgb.data.filter((_, i) => i % 3 === 0)]);
  });
});

describe('image: resizeLabels', () => {
  const label: LabelMap = { data: Uint8Array.of(1, 2, 3, 4, 5, 6), width: 3, height: 2 };

  it('repeats ids when it grows by whole factors', () => {
    const { data } = resizeLabels(label, { width: 6, height: 4 });
    const rows = [[1, 1, 2, 2, 3, 3], [1, 1, 2, 2, 3, 3], [4, 4, 5, 5, 6, 6], [4, 4, 5, 5, 6, 6]]; // prettier-ignore
    expect([...data]).to.deep.equal(rows.flat());
  });

  it('takes the id under each centre when it shrinks', () => {
    // Centres of 3 -> 2 lie at 0.75 and 2.25 of 3; of 2 -> 1 at 1.
    expect([...resizeLabels(label, { width: 2, height: 1 }).data]).to.deep.equal([4, 6]);
  });

  it('a window is that part of the whole', () => {
    const window = { x: 2, y: 1, width: 3, height: 2 };
    expect([...resizeLabels(label, { width: 6, height: 4 }, window).data]).to.deep.equal([2, 2, 3, 5, 5, 6]);
  });
});
