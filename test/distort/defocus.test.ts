import { expect } from 'chai';
import { defocus, diskKernel } from '../../src/distort/defocus.js';
import { filterWithDisk } from '../../src/distort/disk-filter.js';
import { openSimd } from '../../src/distort/simd.js';
import type { Pixels } from '../../src/image/pixels.js';
import { unsupported } from '../support/tools.js';
import { difference, fixtureImage, fixtureJson } from './support/corruptions.js';

/** Severity -> kernel, row by row. */
const DISKS = fixtureJson<Record<string, number[]>>('corruptions/disks.json');

describe('distort: defocus', () => {
  for (const severity of [1, 2, 3, 4, 5]) {
    it(`${severity}: has the kernel of imagecorruptions`, () => {
      const kernel = diskKernel(severity);
      expect(kernel).to.have.lengthOf(DISKS[severity]!.length);
      kernel.forEach((weight, i) => expect(weight).to.be.closeTo(DISKS[severity]![i]!, 1e-8));
    });

    it(`${severity}: equals imagecorruptions, to 1 of 255 in at most 0.1% of the values`, async () => {
      const result = await defocus.apply(await fixtureImage('picture.png'), severity);
      const { greatest, share } = difference(result, await fixtureImage(`corruptions/defocus-${severity}.png`));
      expect(greatest).to.be.at.most(1);
      expect(share).to.be.at.most(0.001);
    });
  }

  it('leaves a flat image flat, also one smaller than the disk', async () => {
    for (const [width, height] of [
      [50, 40],
      [5, 3],
      [1, 1],
    ] as const) {
      const flat: Pixels = { data: new Uint8Array(width * height * 3).fill(201), width, height, channels: 3 };
      for (const severity of [1, 2, 3]) expect(await defocus.apply(flat, severity)).to.deep.equal(flat);
      // The reference's kernels add up to 1.013 and 1.011 there: 201 becomes 203.6 and 203.2.
      for (const severity of [4, 5])
        expect(new Set((await defocus.apply(flat, severity)).data)).to.deep.equal(new Set([203]));
    }
  });

  it('sums are exact where they leave 32 bits on the way: a wide white image stays white', () => {
    const white: Pixels = { data: new Uint8Array(20000).fill(255), width: 20000, height: 1, channels: 1 };
    expect(filterWithDisk(white, diskKernel(5)).data.every((value) => value === 255)).to.equal(true);
  });

  it('has the same bytes by vectors and by plain numbers, at sizes that fill vectors and at those that do not', async function () {
    if (!openSimd()) unsupported(this, 'has no vectors in WebAssembly');
    const { data } = await fixtureImage('picture.png');
    for (const [width, height, channels] of [
      [16, 12, 3],
      [17, 9, 3],
      [3, 40, 1],
      [1, 1, 3],
    ] as const) {
      const part: Pixels = { data: data.subarray(0, width * height * channels), width, height, channels };
      for (const severity of [1, 3, 5]) {
        const plain = filterWithDisk(part, diskKernel(severity), null);
        expect(filterWithDisk(part, diskKernel(severity)), `${width}x${height}`).to.deep.equal(plain);
        expect(new Set(plain.data).size, 'different values').to.be.above(width * height === 1 ? 0 : 5);
      }
    }
  });
});
