import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataset } from '../../src/data/registry.js';
import { distort, resizes } from '../../src/distort/distort.js';
import { parseLevel } from '../../src/distort/level.js';
import { resolution } from '../../src/distort/resolution.js';
import type { Pixels } from '../../src/image/pixels.js';
import { expectFailure } from '../support/failure.js';
import { requireTool } from '../support/tools.js';
import { psnr } from '../video/support/clips.js';

const scene = async (size: string): Promise<Pixels> => {
  const dataset = await openDataset(`scenes:7@${size}`);
  return dataset.readImage(dataset.samples('val')[0]!);
};
const sizeAt = (value: string, width: number, height: number): string => {
  const size = resolution.sizeOf!(value, { width, height });
  return `${size.width}x${size.height}`;
};

describe('distort: resolution', () => {
  it('is written as a size or a factor, in one way', () => {
    expect(parseLevel('resolution=0240x0180').text).to.equal('resolution=240x180');
    expect(parseLevel('resolution=.50x').text).to.equal('resolution=0.5x');
    expect(parseLevel('resolution=1.0x').text).to.equal('resolution=1x');
  });

  for (const [text, advice] of [
    ['1.5x', 'Use resolution=1x for the original size: pictures are not enlarged.'],
    ['0.001x', 'Use resolution=0.01x for the smallest pictures.'],
    ['241x181', 'H.264 takes even sizes from 2 to 16384: use resolution=240x180.'],
    ['0.5', 'Write width and height, for example resolution=240x180, or a factor, for example resolution=0.5x.'],
    ['20000x2', 'H.264 takes even sizes from 2 to 16384: use resolution=16384x2.'],
  ]) {
    it(`refuses ${text}`, () => {
      expect(() => parseLevel(`resolution=${text}`)).to.throw(`got ${text} in "resolution=${text}". ${advice}`);
    });
  }

  it('a factor gives the nearest even size, at least 2, and 1x the very size', () => {
    expect(sizeAt('0.5x', 480, 360)).to.equal('240x180');
    expect(sizeAt('0.5x', 2048, 1024)).to.equal('1024x512');
    // 0.7 x 480 = 336, 0.7 x 360 = 252; 0.33 x 100 = 33, of 32 and 34 the larger; 0.33 x 75 = 24.75.
    expect(sizeAt('0.7x', 480, 360)).to.equal('336x252');
    expect(sizeAt('0.33x', 100, 75)).to.equal('34x24');
    expect(sizeAt('0.01x', 100, 1)).to.equal('2x1');
    expect(sizeAt('1x', 17, 9)).to.equal('17x9');
    expect(sizeAt('0.99x', 17, 9)).to.equal('16x8');
  });

  it('a picture that is smaller in either direction is refused by its name, not enlarged', async () => {
    const pixels = await scene('64x96');
    for (const size of ['98x64', '96x66']) {
      const failure = distort(pixels, parseLevel(`resolution=${size}`), 'val/0001.png');
      await expectFailure(failure, 'E_DISTORT_SIZE', 'val/0001.png', `at least ${size}`, '96x64');
    }
  });

  it('at its own size a picture is compressed alone, as by h264=18', async () => {
    const pixels = await scene('64x96');
    const { data } = await distort(pixels, parseLevel('h264=18'));
    for (const size of ['96x64', '1x']) {
      const result = await distort(pixels, parseLevel(`resolution=${size}`));
      expect(result).to.include({ width: 96, height: 64 });
      expect([...result.data]).to.deep.equal([...data]);
    }
  });

  it('shrinks odd sizes and gray pictures', async () => {
    const { data } = await scene('64x96');
    const gray: Pixels = { data: data.subarray(0, 95 * 63), width: 95, height: 63, channels: 1 };
    const result = await distort(gray, parseLevel('resolution=0.5x'));
    expect(result).to.include({ width: 48, height: 32, channels: 1 });
    expect(result.data).to.have.length(48 * 32);
  });

  it('combines with other kinds in the order that is written', async () => {
    const pixels = await scene('96x160');
    const after = async (...levels: string[]): Promise<Pixels> => {
      let result = pixels;
      for (const level of levels) result = await distort(result, parseLevel(level));
      return result;
    };
    for (const [first, second] of [
      ['resolution=80x48', 'jpeg=30'],
      ['brightness=0.5', 'resolution=0.5x'],
      ['jpeg=30', 'resolution=80x48'],
    ] as const) {
      const both = await distort(pixels, parseLevel(`${first}+${second}`));
      expect(both).to.include({ width: 80, height: 48 });
      expect([...both.data]).to.deep.equal([...(await after(first, second)).data]);
      expect(both.data).not.to.deep.equal((await after(second, first)).data);
    }
  });

  it('only levels with such a step change the size', () => {
    expect(resizes(parseLevel('resolution=0.5x+jpeg=30'))).to.equal(true);
    expect(resizes(parseLevel('brightness=0.5+jpeg=30'))).to.equal(false);
  });

  for (const [width, height] of [
    [160, 120],
    [120, 90],
    [80, 60],
    [54, 40],
  ] as const) {
    it(`shows at ${width}x${height} what the ffmpeg program shows with the same flags`, async function () {
      const ffmpeg = requireTool(this, 'ffmpeg');
      const pixels = await scene('120x160');
      const folder = await mkdtemp(join(tmpdir(), 'gearnn-resolution-'));
      try {
        const path = join(folder, 'frame.mp4');
        await writeFile(join(folder, 'frame.rgb'), pixels.data);
        const raw = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', '160x120', '-i', join(folder, 'frame.rgb')];
        const scale = ['-vf', `scale=${width}:${height}:flags=bicubic`];
        const flags = ['-c:v', 'libx264', '-crf', '18', '-preset', 'medium', '-g', '1', '-pix_fmt', 'yuv420p'];
        const run = (...parameters: string[]): void => void execFileSync(ffmpeg, ['-v', 'quiet', '-y', ...parameters]);
        run(...raw, ...scale, ...flags, path);
        run('-i', path, '-f', 'rawvideo', '-pix_fmt', 'rgb24', join(folder, 'out.rgb'));
        const { data } = await distort(pixels, parseLevel(`resolution=${width}x${height}`));
        expect(psnr(data, await readFile(join(folder, 'out.rgb')))).to.be.at.least(50);
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  }
});
