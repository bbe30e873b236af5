import { expect } from 'chai';
import { decode } from 'fast-png';
import { Random } from '../../src/common/random.js';
import { decodeInstanceMap } from '../../src/image/instances.js';
import { decodeLabelMap, encodeLabelMap } from '../../src/image/labels.js';
import { expectFailure } from '../support/failure.js';
import { fixture } from './support/fixtures.js';

const [WIDTH, HEIGHT] = [53, 37];

/** The formula of scripts/fixtures/images.py. */
function expected(ids: number): number[] {
  return Array.from({ length: WIDTH * HEIGHT }, (_, i) => (Math.floor((i * 7) / 5) % 16) % ids);
}

describe('image: decodeLabelMap', () => {
  for (const bits of [1, 2, 4, 8]) {
    it(`gives the indices, not the colours, of a palette PNG with ${bits} bits per pixel`, async () => {
      const { data, width, height } = await decodeLabelMap(await fixture(`labels-palette-${bits}.png`), 'p.png');
      expect([width, height]).to.deep.equal([WIDTH, HEIGHT]);
      expect([...data]).to.deep.equal(expected(Math.min(16, 2 ** bits)));
    });
  }

  for (const bits of [8, 16]) {
    it(`gives the values of a gray PNG with ${bits} bits`, async () => {
      const { data } = await decodeLabelMap(await fixture(`labels-gray-${bits}.png`), 'g.png');
      expect([...data]).to.deep.equal(expected(16));
    });
  }

  it('refuses a PNG of colours, by its name', async () => {
    const failed = decodeLabelMap(await fixture('rgb.png'), 'masks/rgb.png');
    await expectFailure(failed, 'E_IMAGE_LABELS', 'masks/rgb.png', '3 channels');
  });

  it('refuses ids above 255', async () => {
    const { encode } = await import('fast-png');
    const png = encode({ data: Uint16Array.of(1, 300), width: 2, height: 1, depth: 16, channels: 1 });
    await expectFailure(decodeLabelMap(png, 'deep.png'), 'E_IMAGE_LABELS', 'deep.png', '300');
  });

  it('refuses a file cut off at any of 20 places, and one with a changed byte', async () => {
    const bytes = await fixture('labels-gray-8.png');
    for (let i = 0; i < 20; i++) {
      const part = bytes.subarray(0, Math.floor((bytes.length * i) / 20));
      await expectFailure(decodeLabelMap(part, 'cut.png'), 'E_IMAGE_DECODE', 'cut.png');
    }
    const changed = Uint8Array.from(bytes);
    changed[bytes.length - 30]! ^= 4;
    await expectFailure(decodeLabelMap(changed, 'changed.png'), 'E_IMAGE_DECODE', 'changed.png');
  });
});

describe('image: encodeLabelMap', () => {
  it('writes 8-bit gray that reads back to the same ids, for 10 random maps', async () => {
    const random = new Random(4);
    for (let i = 0; i < 10; i++) {
      const [width, height] = [1 + random.integer(40), 1 + random.integer(40)];
      const data = Uint8Array.from({ length: width * height }, () => random.integer(256));
      const png = encodeLabelMap({ data, width, height });
      const { depth, channels } = decode(png);
      expect([depth, channels]).to.deep.equal([8, 1]);
      expect(await decodeLabelMap(png, 'x.png')).to.deep.equal({ data, width, height });
    }
  });

  it('writes a map that is a view into a larger buffer', async () => {
    const data = Uint8Array.of(9, 9, 1, 2, 3, 4, 9).subarray(2, 6);
    const { data: read } = await decodeLabelMap(encodeLabelMap({ data, width: 2, height: 2 }), 'x.png');
    expect([...read]).to.deep.equal([1, 2, 3, 4]);
  });
});

describe('image: decodeInstanceMap', () => {
  it('keeps ids above 255', async () => {
    const { encode } = await import('fast-png');
    const png = encode({ data: Uint16Array.of(0, 26001, 65535), width: 3, height: 1, depth: 16, channels: 1 });
    expect([...decodeInstanceMap(png, 'i.png').data]).to.deep.equal([0, 26001, 65535]);
  });

  it('refuses a PNG of colours', async () => {
    const bytes = await fixture('rgb.png');
    await expectFailure((async () => decodeInstanceMap(bytes, 'i.png'))(), 'E_IMAGE_LABELS', 'i.png');
  });
});
