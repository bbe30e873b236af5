import { expect } from 'chai';
import { decode, encode } from 'fast-png';
import { PNG } from 'pngjs';
import sharp from 'sharp';
import zlib from 'node:zlib';
import { Random } from '../../src/common/random.js';
import { decodePlane } from '../../src/image/plane-png.js';
import { fixture } from './support/fixtures.js';

describe('image: decodePlane', () => {
  before(function () {
    // Node before 20.15: every file is then left to fast-png.
    if (!('crc32' in zlib)) this.skip();
  });

  for (const [filter, name] of ['None', 'Sub', 'Up', 'Average', 'Paeth'].entries()) {
    it(`undoes the filter ${name}, on noise and on areas of one id`, () => {
      const random = new Random(7);
      for (const ids of [256, 2]) {
        const [width, height] = [37, 23];
        const data = Uint8Array.from(
          { length: width * height },
          () => random.integer(ids) * Number(random.integer(3) > 0),
        );
        const png = new PNG({ width, height });
        png.data = Buffer.from(data);
        const options = { colorType: 0, inputColorType: 0, inputHasAlpha: false, filterType: filter } as const;
        const file = PNG.sync.write(png, options);
        expect(decodePlane(file)).to.deep.equal({ data, width, height, depth: 8 });
        expect(Uint8Array.from(decode(file).data)).to.deep.equal(data);
      }
    });
  }

  for (const bits of [1, 2, 4, 8]) {
    it(`gives the packed indices of a palette PNG with ${bits} bits, as fast-png does`, async () => {
      const file = await fixture(`labels-palette-${bits}.png`);
      const { data, width, height } = decode(file);
      expect(decodePlane(file)).to.deep.equal({ data: Uint8Array.from(data), width, height, depth: bits });
    });
  }

  it('leaves a file with any byte changed, cut off anywhere or with more behind it to fast-png', async () => {
    const file = await fixture('labels-gray-8.png');
    expect(decodePlane(file)).not.to.equal(undefined);
    for (let i = 0; i < file.length; i++) {
      expect(decodePlane(file.subarray(0, i)), `cut off at ${i}`).to.equal(undefined);
      const changed = Uint8Array.from(file);
      changed[i]! ^= 1;
      expect(decodePlane(changed), `changed at ${i}`).to.equal(undefined);
    }
    expect(decodePlane(Buffer.concat([file, Buffer.alloc(1)]))).to.equal(undefined);
  });

  it('leaves fewer rows, and more, than the header says to fast-png', async () => {
    const { data, width, height } = decode(await fixture('labels-gray-8.png'));
    for (const wrong of [height - 1, height + 1, 2 ** 31 - 1]) {
      const file = Buffer.from(encode({ data, width, height, channels: 1 }));
      file.writeUInt32BE(wrong, 20);
      file.writeUInt32BE(zlib.crc32(file.subarray(12, 29)), 29);
      expect(decodePlane(file)).to.equal(undefined);
    }
  });

  it('leaves colours, 16 bits and interlaced rows to fast-png', async () => {
    for (const name of ['rgb.png', 'alpha.png', 'labels-gray-16.png']) {
      expect(decodePlane(await fixture(name)), name).to.equal(undefined);
    }
    const interlaced = await sharp(await fixture('labels-gray-8.png'))
      .png({ progressive: true })
      .toColourspace('b-w')
      .toBuffer();
    expect(decode(interlaced).channels).to.equal(1);
    expect(decodePlane(interlaced)).to.equal(undefined);
  });
});
