import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataset } from '../../src/data/registry.js';
import { distort } from '../../src/distort/distort.js';
import { parseLevel } from '../../src/distort/level.js';
import { readManifest } from '../../src/distort/manifest.js';
import { prepare } from '../../src/distort/prepare.js';
import { verify } from '../../src/distort/verify.js';
import type { Pixels } from '../../src/image/pixels.js';
import { requireTool } from '../support/tools.js';
import { psnr } from '../video/support/clips.js';

const scene = async (size: string): Promise<Pixels> => {
  const dataset = await openDataset(`scenes:7@${size}`);
  return dataset.readImage(dataset.samples('val')[0]!);
};

describe('distort: h264', () => {
  it('is worse the higher the CRF', async () => {
    const pixels = await scene('96x160');
    const losses: number[] = [];
    for (const crf of [15, 24, 33, 42, 51]) {
      const { data } = await distort(pixels, parseLevel(`h264=${crf}`));
      losses.push(psnr(data, pixels.data));
    }
    expect(losses).to.deep.equal([...losses].sort((a, b) => b - a));
    expect(losses[0]).to.be.above(30);
    expect(losses[4]).to.be.below(25);
  });

  it('takes odd sizes: the last row and column are repeated, and cut off again', async () => {
    const even = await scene('64x96');
    const data = new Uint8Array(63 * 95 * 3);
    for (let y = 0; y < 63; y++) data.set(even.data.subarray(y * 96 * 3, (y * 96 + 95) * 3), y * 95 * 3);
    const result = await distort({ data, width: 95, height: 63, channels: 3 }, parseLevel('h264=20'));
    expect(result).to.include({ width: 95, height: 63 });
    expect(psnr(result.data, data)).to.be.above(28);
  });

  it('refuses a CRF outside 15 to 51', () => {
    expect(() => parseLevel('h264=14')).to.throw('expected a CRF from 15 to 51, got 14 in "h264=14"');
    expect(() => parseLevel('h264=52')).to.throw('Use h264=51 for the strongest compression.');
  });

  it('writes preset, GOP, pixel format and the version of FFmpeg into the manifest, and other levels do not', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gearnn-h264-'));
    try {
      const dataset = await openDataset('scenes:7@32x48');
      const levels = ['h264=30', 'jpeg=30'].map(parseLevel);
      const only = { ...dataset, splits: ['val'], samples: () => dataset.samples('val').slice(0, 2) };
      await prepare({ dataset: Object.assign(Object.create(dataset), only), levels, out: folder });
      const { codecs, files } = await readManifest(join(folder, 'h264=30'));
      expect(codecs).to.have.property('h264', 'libx264, preset medium, gop 1, yuv420p, bt601');
      expect(codecs['ffmpeg']).to.match(/^\d+\.\d+/);
      expect(files.filter(({ path }) => path.endsWith('.png'))).to.have.length.at.least(2);
      expect((await readManifest(join(folder, 'jpeg=30'))).codecs).not.to.have.any.keys('h264', 'ffmpeg');
      expect(await verify({ out: folder })).to.deep.equal([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  for (const crf of [18, 24, 36]) {
    it(`loses at ${crf} what the ffmpeg program loses with the same flags`, async function () {
      const ffmpeg = requireTool(this, 'ffmpeg');
      const pixels = await scene('120x160');
      const folder = await mkdtemp(join(tmpdir(), 'gearnn-h264-'));
      try {
        const path = join(folder, 'frame.mp4');
        await writeFile(join(folder, 'frame.rgb'), pixels.data);
        const raw = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', '160x120', '-i', join(folder, 'frame.rgb')];
        const flags = ['-c:v', 'libx264', '-crf', String(crf), '-preset', 'medium', '-g', '1', '-pix_fmt', 'yuv420p'];
        const run = (...parameters: string[]): void => void execFileSync(ffmpeg, ['-v', 'quiet', '-y', ...parameters]);
        run(...raw, ...flags, path);
        run('-i', path, '-f', 'rawvideo', '-pix_fmt', 'rgb24', join(folder, 'out.rgb'));
        const { data } = await distort(pixels, parseLevel(`h264=${crf}`));
        expect(psnr(data, await readFile(join(folder, 'out.rgb')))).to.be.at.least(50);
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  }
});
