import { expect } from 'chai';
import { decode, encode } from 'fast-png';
import { PNG } from 'pngjs';
import zlib from 'node:zlib';
import { Random } from '../../src/common/random.js';
import { decodePlane, unpackBits } from '../../src/image/plane-png.js';
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

  it('leaves a file with any byte changed or cut off anywhere to fast-png, and reads past what is behind it', async () => {
    const file = await fixture('labels-gray-8.png');
    expect(decodePlane(file)).not.to.equal(undefined);
    for (let i = 0; i < file.length; i++) {
      expect(decodePlane(file.subarray(0, i)), `cut off at ${i}`).to.equal(undefined);
      const changed = Uint8Array.from(file);
      changed[i]! ^= 1;
      expect(decodePlane(changed), `changed at ${i}`).to.equal(undefined);
    }
    expect(decodePlane(Buffer.concat([file, Buffer.alloc(1)]))).to.deep.equal(decodePlane(file));
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

  it('leaves colours and 16 bits to fast-png', async () => {
    for (const name of ['rgb.png', 'alpha.png', 'labels-gray-16.png']) {
      expect(decodePlane(await fixture(name)), name).to.equal(undefined);
    }
  });

  for (const depth of [1, 2, 4, 8]) {
    it(`interlaced rows of ${depth} bits: the ids of every size up to 9x9`, () => {
      for (let width = 1; width <= 9; width++) {
        for (let height = 1; height <= 9; height++) {
          const ids = Uint8Array.from({ length: width * height }, (_, i) => (i * 37 + width) % 2 ** depth);
          const plane = decodePlane(interlaced(ids, width, height, depth));
          expect(plane && unpackBits(plane), `${width}x${height}`).to.deep.equal(ids);
        }
      }
    });
  }

  it('interlaced rows that are cut off, or too many, are left to fast-png', () => {
    const ids = new Uint8Array(63);
    expect(decodePlane(interlaced(ids, 7, 9, 4, (rows) => rows.subarray(1)))).to.equal(undefined);
    expect(decodePlane(interlaced(ids, 7, 9, 4, (rows) => Buffer.concat([rows, rows])))).to.equal(undefined);
  });
});

/** A gray PNG in the seven passes of Adam7, which no library here writes with less than 8 bits. @source PNG Third Edition, 8.1 */
function interlaced(
  ids: Uint8Array,
  width: number,
  height: number,
  depth: number,
  change: (rows: Buffer) => Buffer = (rows) => rows,
): Buffer {
  // Which pass each pixel of an 8x8 square belongs to, as the specification draws it.
  const square = ['16462646', '77777777', '56565656', '77777777', '36463646', '77777777', '56565656', '77777777'];
  const rows: number[] = [];
  for (let pass = 1; pass <= 7; pass++) {
    for (let y = 0; y < height; y++) {
      let bits = '';
      for (let x = 0; x < width; x++) {
        if (square[y % 8]![x % 8] === String(pass)) bits += ids[y * width + x]!.toString(2).padStart(depth, '0');
      }
      if (bits !== '') rows.push(0, ...bits.match(/.{1,8}/g)!.map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2)));
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, 0, 0, 0, 1], 8);
  const chunks = { IHDR: header, IDAT: zlib.deflateSync(change(Buffer.from(rows))), IEND: Buffer.alloc(0) };
  const parts = Object.entries(chunks).map(([type, data]) => {
    const chunk = Buffer.concat([Buffer.alloc(4), Buffer.from(type), data, Buffer.alloc(4)]);
    chunk.writeUInt32BE(data.length, 0);
    chunk.writeUInt32BE(zlib.crc32(chunk.subarray(4, -4)), chunk.length - 4);
    return chunk;
  });
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...parts]);
}
