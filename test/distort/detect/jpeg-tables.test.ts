import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { Random } from '../../../src/common/random.js';
import { detectJpeg } from '../../../src/distort/detect/jpeg.js';
import { readJpegTables } from '../../../src/distort/detect/jpeg-tables.js';
import type { Pixels } from '../../../src/image/pixels.js';
import { ijgTables, quantizationTables } from '../../support/jpeg-tables.js';
import { saved } from './support/pictures.js';

/** Made by scripts/fixtures/jpeg_encoders.sh with ffmpeg 5.1 and libjpeg-turbo 2.1. */
function fixture(name: string): Uint8Array {
  return readFileSync(new URL(`../../fixtures/detect/${name}`, import.meta.url));
}

const flat: Pixels = { data: new Uint8Array(40 * 24 * 3).fill(90), width: 40, height: 24, channels: 3 };

/** A segment with its length in front. */
const segment = (marker: number, body: number[]): number[] => [
  ...[0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 255],
  ...body,
];
const SOI = [0xff, 0xd8];
const FRAME = segment(0xc0, [8, 0, 24, 0, 40, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1]);
const table = (id: number, value: number): number[] => [id, ...Array<number>(64).fill(value)];
const file = (...segments: number[][]): Uint8Array => Uint8Array.from([SOI, ...segments].flat());

describe('distort: detect: JPEG tables', () => {
  let whole: Uint8Array;
  before(async () => {
    whole = await saved(flat, { quality: 37 });
  });

  it('are those of the file, in natural order, with its size', async () => {
    for (const quality of [1, 20, 37, 75, 100]) {
      const bytes = await saved(flat, { quality });
      const [luminance, chrominance] = quantizationTables(bytes);
      const tables = readJpegTables(bytes)!;
      expect([tables.width, tables.height]).to.deep.equal([40, 24]);
      expect([...tables.luminance]).to.deep.equal(luminance);
      expect([...tables.chrominance!]).to.deep.equal(chrominance);
    }
  });

  it('of 16 bits are read', () => {
    const { luminance, chrominance } = readJpegTables(fixture('cjpeg-5-16bit.jpg'))!;
    // libjpeg without force_baseline: 10 times table K.1, whose first entry is 16 and whose last is 99.
    expect([luminance[0], luminance[63], chrominance![63]]).to.deep.equal([160, 990, 990]);
  });

  it('may come in several segments, or several in one', () => {
    const apart = readJpegTables(file(segment(0xdb, table(0, 3)), segment(0xdb, table(1, 9)), FRAME))!;
    const together = readJpegTables(file(segment(0xdb, [...table(0, 3), ...table(1, 9)]), FRAME))!;
    expect(together).to.deep.equal(apart);
    expect([apart.luminance[5], apart.chrominance![5]]).to.deep.equal([3, 9]);
  });

  it('may follow the frame header, be replaced, and have stray and fill bytes between them', () => {
    const bytes = file(FRAME, segment(0xdb, table(0, 3)), [7, 7, 0xff, 0xff], segment(0xdb, table(0, 5)).slice(1));
    expect(readJpegTables(bytes)!.luminance[0]).to.equal(5);
  });

  it('the first component says which is the luminance', () => {
    const frame = segment(0xc0, [8, 0, 24, 0, 40, 3, 1, 0x22, 2, 2, 0x11, 0, 3, 0x11, 0]);
    const tables = readJpegTables(file(segment(0xdb, [...table(0, 50), ...table(2, 4)]), frame))!;
    expect([tables.luminance[0], tables.chrominance![0]]).to.deep.equal([4, 50]);
  });

  it('of an embedded preview are passed over', async () => {
    const preview = [...(await saved(flat, { quality: 5 }))];
    const bytes = Uint8Array.from([...SOI, ...segment(0xe1, preview), ...whole.subarray(2)]);
    expect([...readJpegTables(bytes)!.luminance]).to.deep.equal(ijgTables(37)[0]);
  });

  for (const [name, quality] of [
    ['cjpeg-40-progressive.jpg', 40],
    ['cjpeg-40-arithmetic.jpg', 40],
    ['cjpeg-40-gray.jpg', 40],
    ['cjpeg-40-rgb.jpg', 40],
    ['cjpeg-5-baseline.jpg', 5],
    ['cjpeg-5-16bit.jpg', 5],
  ] as const) {
    it(`${name}: quality ${quality}, exactly`, () => {
      expect(detectJpeg({ bytes: fixture(name) })).to.deep.equal({ quality, confidence: 1, from: 'tables' });
    });
  }

  it('of CMYK files are read', async () => {
    const bytes = await sharp(flat.data, { raw: { width: 40, height: 24, channels: 3 } })
      .toColourspace('cmyk')
      .jpeg({ quality: 63 })
      .toBuffer();
    expect(detectJpeg({ bytes })!.quality).to.equal(63);
  });

  for (const [what, bytes] of [
    ['nothing', Uint8Array.of()],
    ['one byte', Uint8Array.of(0xff)],
    ['a PNG', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)],
    ['a start alone', file()],
    ['tables without a frame', file(segment(0xdb, table(0, 3)))],
    ['a frame without tables', file(FRAME)],
    ['a frame of no component', file(segment(0xdb, table(0, 3)), segment(0xc0, [8, 0, 24, 0, 40, 0]))],
    [
      'a frame that ends within its components',
      file(segment(0xdb, table(0, 3)), segment(0xc0, [8, 0, 24, 0, 40, 3, 1])),
    ],
    ['a frame of no width', file(segment(0xdb, table(0, 3)), segment(0xc0, [8, 0, 24, 0, 0, 1, 1, 0x11, 0]))],
    [
      'a frame with a table that is not there',
      file(segment(0xdb, table(0, 3)), segment(0xc0, [8, 0, 9, 0, 9, 1, 1, 0x11, 3])),
    ],
    ['a step of 0', file(segment(0xdb, table(0, 0)), FRAME)],
    ['a table of 4-bit precision code 15', file(segment(0xdb, table(0xf0, 3)), FRAME)],
    ['a table cut short', file(segment(0xdb, table(0, 3).slice(0, 40)), FRAME)],
    ['a length of 0', file([0xff, 0xdb, 0, 0], FRAME)],
    ['a length of 1', file([0xff, 0xdb, 0, 1], FRAME)],
    ['a length beyond the file', file([0xff, 0xe0, 0xff, 0xff], segment(0xdb, table(0, 3)), FRAME)],
    ['nothing but fill bytes', Uint8Array.from([...SOI, ...Array<number>(5000).fill(0xff)])],
  ] as const) {
    it(`${what}: no tables, and no error`, () => {
      expect(readJpegTables(bytes)).to.equal(undefined);
      expect(detectJpeg({ bytes })).to.equal(undefined);
    });
  }

  it('a file that ends anywhere before its frame header has none', () => {
    const sof = whole.findIndex((byte, i) => byte === 0xff && whole[i + 1] === 0xc0);
    for (let length = 0; length < sof + 19; length++) {
      expect(readJpegTables(whole.subarray(0, length)), `${length} bytes`).to.equal(undefined);
    }
    expect(readJpegTables(whole.subarray(0, sof + 19))).not.to.equal(undefined);
  });

  it('20,000 damaged files give tables or none, never an error or a step of 0', () => {
    const random = new Random(4);
    for (let i = 0; i < 20_000; i++) {
      const bytes = whole.slice(0, 1 + random.integer(whole.length));
      for (let change = 0; change < 8; change++) bytes[random.integer(bytes.length)] = random.integer(256);
      if (i % 2) bytes.set([0xff, 0xd8].slice(0, bytes.length));
      const tables = readJpegTables(bytes);
      if (tables) expect(Math.min(...tables.luminance)).to.be.greaterThan(0);
    }
  });
});
