import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VideoFrame } from '../../src/video/picture.js';
import { requireTool } from '../support/tools.js';
import { psnr, readAll, sizesOf } from './support/clips.js';

const FIXTURES = join(process.cwd(), 'test/fixtures/video');
const ROTATED = join(FIXTURES, 'rot90.mp4');

/** Upper left of display matrices in fixed point, with EXIF's number of what they ask for. */
const MATRICES = [
  [1, [1, 0, 0, 1]],
  [2, [-1, 0, 0, 1]],
  [3, [-1, 0, 0, -1]],
  [4, [1, 0, 0, -1]],
  [5, [0, 1, 1, 0]],
  [6, [0, 1, -1, 0]],
  [7, [0, -1, -1, 0]],
  [8, [0, -1, 1, 0]],
] as const;

/** The rotated clip with another matrix. @source ISO/IEC 14496-12, 8.3.2: the matrix of a track header of version 0 */
async function withMatrix(path: string, [a, b, c, d]: readonly number[]): Promise<void> {
  const bytes = Buffer.from(await readFile(ROTATED));
  const matrix = bytes.indexOf('tkhd') + 4 + 40;
  [a!, b!, 0, c!, d!].forEach((value, i) => bytes.writeInt32BE(value * 0x10000, matrix + i * 4));
  await writeFile(path, bytes);
}

const bytesOf = (frames: readonly VideoFrame[]): Buffer => Buffer.concat(frames.map(({ picture }) => picture.data));

describe('frames as they are to be seen, beside those of the ffmpeg program', function () {
  this.timeout(60_000);
  let ffmpeg: string;
  let folder: string;
  before(async function () {
    ffmpeg = requireTool(this, 'ffmpeg');
    folder = await mkdtemp(join(tmpdir(), 'gearnn-shown-'));
  });
  after(() => folder && rm(folder, { recursive: true, force: true }));

  const run = (parameters: string[]): Buffer =>
    execFileSync(ffmpeg, ['-v', 'quiet', '-y', ...parameters], { maxBuffer: 1 << 28 });
  const decode = (path: string, ...flags: string[]): Buffer =>
    run(['-i', path, ...flags, '-fps_mode', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-']);
  const moving = (scan: string): string[] => [
    ...['-f', 'lavfi', '-i', 'testsrc2=s=96x64:r=25:d=0.4', '-vf', `interlace=scan=${scan}`],
    ...['-flags', '+ildct+ilme', '-pix_fmt', 'yuv420p'],
  ];

  for (const [exif, matrix] of MATRICES) {
    it(`a matrix of EXIF's orientation ${exif} turns them upright, and not where they are wanted as stored`, async () => {
      const path = join(folder, `turned-${exif}.mp4`);
      await withMatrix(path, matrix);
      const { frames } = await readAll(path);
      expect(sizesOf(frames)).to.deep.equal([exif > 4 ? '128x256' : '256x128']);
      expect(frames[0]!.orientation).to.equal(exif === 1 ? undefined : exif);
      expect(psnr(bytesOf(frames), decode(path))).to.be.at.least(50);
      const stored = await readAll(path, { autorotate: false });
      expect(sizesOf(stored.frames)).to.deep.equal(['256x128']);
      expect(
        psnr(bytesOf(stored.frames), run(['-noautorotate', '-i', path, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'])),
      ).to.be.at.least(50);
    });
  }

  for (const [title, name, ...flags] of [
    ['H.264, top field first', 'tff.mp4', ...moving('tff'), '-c:v', 'libx264', '-x264opts', 'tff=1'],
    ['H.264, bottom field first', 'bff.mkv', ...moving('bff'), '-c:v', 'libx264', '-x264opts', 'bff=1'],
    ['MPEG-2 in a transport stream', 'two.ts', ...moving('tff'), '-c:v', 'mpeg2video', '-q:v', '2'],
    ['MPEG-2 in a program stream', 'two.mpg', ...moving('tff'), '-c:v', 'mpeg2video', '-q:v', '2'],
    ['DV', 'dv.avi', '-f', 'lavfi', '-i', 'testsrc2=s=720x576:r=25:d=0.12', '-c:v', 'dvvideo', '-pix_fmt', 'yuv420p'],
  ] as const) {
    it(`interlaced ${title}: deinterlaced by yadif, or woven; as many frames either way`, async () => {
      const path = join(folder, name);
      run([...flags, path]);
      const whole = await readAll(path);
      const woven = await readAll(path, { deinterlace: false });
      expect(whole.error).to.equal(undefined);
      expect(psnr(bytesOf(whole.frames), decode(path, '-vf', 'yadif=deint=interlaced'))).to.be.at.least(50);
      expect(psnr(bytesOf(woven.frames), decode(path))).to.be.at.least(50);
      expect(psnr(bytesOf(whole.frames), bytesOf(woven.frames)), 'between the two').to.be.below(50);
      expect(whole.frames.map(({ number, time }) => [number, time])).to.deep.equal(
        woven.frames.map(({ number, time }) => [number, time]),
      );
    });
  }

  it('the interlaced clip of two frames gives two', async () => {
    const path = join(FIXTURES, 'interlaced.mp4');
    const { frames } = await readAll(path);
    expect(frames).to.have.length(2);
    expect(psnr(bytesOf(frames), decode(path, '-vf', 'yadif=deint=interlaced'))).to.be.at.least(50);
  });

  for (const [name, transfer] of [
    ['PQ', 'smpte2084'],
    ['HLG', 'arib-std-b67'],
  ] as const) {
    it(`${name} in BT.2020 comes in the range of SDR, as the documented filters map it`, async () => {
      const path = join(folder, `${name}.mkv`);
      run([
        ...['-f', 'lavfi', '-i', 'testsrc2=s=96x64:r=25:d=0.12', '-c:v', 'ffv1', '-pix_fmt', 'yuv420p10le'],
        ...[
          '-color_primaries',
          'bt2020',
          '-color_trc',
          transfer,
          '-colorspace',
          'bt2020nc',
          '-color_range',
          'tv',
          path,
        ],
      ]);
      const { frames, error } = await readAll(path);
      expect(error).to.equal(undefined);
      const mapped = [
        `zscale=tin=${transfer}:pin=bt2020:min=bt2020nc:t=linear:npl=100:agamma=0,format=gbrpf32le,zscale=p=bt709:agamma=0,tonemap=hable:desat=0`,
        'zscale=t=bt709:m=bt709:r=limited:agamma=0,format=yuv444p',
      ].join();
      expect(psnr(bytesOf(frames), decode(path, '-vf', mapped))).to.be.at.least(45);
      expect(psnr(bytesOf(frames), decode(path)), 'beside what is not mapped').to.be.below(30);
    });
  }
});

describe('what a file says of its own frames', function () {
  this.timeout(60_000);

  it('a pause of 15 s is one', async () => {
    const { frames, error } = await readAll(join(FIXTURES, 'pause15.mp4'));
    expect(error).to.equal(undefined);
    expect(frames.map(({ time }) => Number(time.toFixed(3)))).to.deep.equal([0, 0.1, 15.2, 15.3]);
  });

  it('frames that cannot be decoded are said by their numbers, and the others keep theirs', async () => {
    const { frames, error } = await readAll(join(FIXTURES, 'damaged-mid.mp4'));
    const lost = [14, 15, 18, 20];
    const kept = Array.from({ length: 30 }, (_, i) => i + 1).filter((number) => !lost.includes(number));
    expect(frames.map(({ number }) => number)).to.deep.equal(kept);
    for (const { number, time } of frames) expect(time).to.be.closeTo((number - 1) / 10, 1e-6);
    expect(error).to.include({ code: 'E_VIDEO_BROKEN' });
    expect(error!.message).to.contain('4 frames (14-15, 18, 20) that cannot be decoded');
  });
});
