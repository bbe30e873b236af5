import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import zlib from 'node:zlib';
import { sha256 } from '../../src/common/files.js';
import { decodeImage, decodeStored, imageFileSize } from '../../src/image/decode.js';
import { readImageHeader } from '../../src/image/header.js';
import { decodeLabelMap, encodeLabelMap } from '../../src/image/labels.js';
import { orientationOf } from '../../src/image/orientation.js';
import { expectFailure } from '../support/failure.js';

/** What scripts/fixtures/other_images.py wrote with Pillow, and what Pillow read from it. */
const pathOf = (name: string): string => fileURLToPath(new URL(`../fixtures/image/others/${name}`, import.meta.url));
const bytesOf = (name: string): Buffer => readFileSync(pathOf(name));
const READ = JSON.parse(bytesOf('read.json').toString()) as Record<
  string,
  { width: number; height: number; sha256: string }
>;

describe('image: files that other tools read', () => {
  for (const [name, expected] of Object.entries(READ)) {
    it(`${name}: to the bit as Pillow reads it`, async () => {
      const { data, width, height } = await decodeImage(bytesOf(name), name);
      expect({ width, height, sha256: sha256(data) }).to.deep.equal(expected);
      const { orientation, ...size } = await imageFileSize(pathOf(name));
      expect(size).to.deep.equal({ width, height });
      expect(orientation).to.equal(Number(/^turned-(\d)/.exec(name)?.[1] ?? 1));
    });
  }

  it('a JPEG that is cut off is refused wherever it ends, restart markers and scans behind or not', async () => {
    for (const name of ['turned-1.jpg', 'progressive-scans-lost.jpg', 'restart-lost.jpg', 'cmyk-base.jpg']) {
      const whole = bytesOf(name);
      for (let i = 1; i <= 24; i++) {
        const part = whole.subarray(0, Math.floor((whole.length * i) / 24) - 3);
        await expectFailure(decodeImage(part, name), 'E_IMAGE_DECODE', name, 'Copy or download the file again');
      }
    }
  });

  it('a JPEG that is cut off and goes on with zeros, or with another one, is refused', async () => {
    const whole = bytesOf('turned-1.jpg');
    const half = whole.subarray(0, Math.floor(whole.length * 0.8));
    await expectFailure(decodeImage(Buffer.concat([half, Buffer.alloc(500)]), 'a'), 'E_IMAGE_DECODE', 'zeros');
    await expectFailure(decodeImage(Buffer.concat([half, whole]), 'a'), 'E_IMAGE_DECODE', 'another JPEG begins');
  });

  it('the header of a JPEG with bytes between its segments has its size', () => {
    for (const name of Object.keys(READ).filter((one) => one.includes('between-headers')))
      expect(readImageHeader(bytesOf(name)), name).to.deep.equal({ format: 'jpeg', width: 35, height: 27 });
  });

  it('a turned file is stored as it was: the bits that its compression is read from', async () => {
    const [stored, plain] = await Promise.all(
      ['turned-6.jpg', 'turned-1.jpg'].map((name) => decodeStored(bytesOf(name), name)),
    );
    expect(stored).to.deep.equal(plain);
  });

  it('an orientation that is none, or damaged, turns nothing', () => {
    const file = bytesOf('turned-6.jpg');
    const at = file.indexOf(Buffer.from('0112000300000001', 'hex'));
    expect(at).to.be.greaterThan(0);
    for (const value of [0, 9, 255]) {
      const changed = Buffer.from(file);
      changed[at + 9] = value;
      expect(orientationOf(changed), String(value)).to.equal(1);
    }
    for (let end = 0; end < at + 10; end++) expect(orientationOf(file.subarray(0, end))).to.equal(1);
  });

  it('a label map that states an orientation is turned as an image of the same orientation', async () => {
    const png = Buffer.from(encodeLabelMap({ data: Uint8Array.from([1, 2, 3, 4, 5, 6]), width: 3, height: 2 }));
    const turned = new Map([
      [1, [3, 2, 1, 2, 3, 4, 5, 6]],
      [2, [3, 2, 3, 2, 1, 6, 5, 4]],
      [3, [3, 2, 6, 5, 4, 3, 2, 1]],
      [4, [3, 2, 4, 5, 6, 1, 2, 3]],
      [5, [2, 3, 1, 4, 2, 5, 3, 6]],
      [6, [2, 3, 4, 1, 5, 2, 6, 3]],
      [7, [2, 3, 6, 3, 5, 2, 4, 1]],
      [8, [2, 3, 3, 6, 2, 5, 1, 4]],
    ]);
    for (const [orientation, expected] of turned) {
      const chunk = Buffer.from('0000001a655849664d4d002a0000000800010112000300000001000600000000000000000000', 'hex');
      chunk[27] = orientation;
      chunk.writeUInt32BE(zlib.crc32(chunk.subarray(4, -4)), chunk.length - 4);
      const file = Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)]);
      expect(orientationOf(file), 'stated').to.equal(orientation);
      const { data, width, height } = await decodeLabelMap(file, 'a.png');
      expect([width, height, ...data], String(orientation)).to.deep.equal(expected);
    }
  });
});
