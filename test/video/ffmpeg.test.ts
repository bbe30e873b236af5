import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { H264Settings } from '../../src/video/settings.js';
import { requireTool } from '../support/tools.js';
import { makePicture, psnr, RATE, readAll, writeClip } from './support/clips.js';

const [WIDTH, HEIGHT, COUNT] = [160, 96, 12];

describe('videos beside those of the ffmpeg program', function () {
  this.timeout(60_000);
  let ffmpeg: string;
  let folder: string;
  before(async function () {
    ffmpeg = requireTool(this, 'ffmpeg');
    folder = await mkdtemp(join(tmpdir(), 'gearnn-ffmpeg-'));
  });
  after(() => folder && rm(folder, { recursive: true, force: true }));

  const run = (parameters: string[], input?: Buffer): Buffer =>
    execFileSync(ffmpeg, ['-v', 'quiet', '-y', ...parameters], { input, maxBuffer: 1 << 28 });
  const decode = (path: string): Buffer => run(['-i', path, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-']);
  /** Raw pictures of the made video. */
  const raw = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${WIDTH}x${HEIGHT}`, '-r', String(RATE), '-i', '-'];
  const pictures = (): Buffer =>
    Buffer.concat(Array.from({ length: COUNT }, (_, i) => makePicture(i, WIDTH, HEIGHT).data));

  for (const [title, ...flags] of [
    ['H.264', '-pix_fmt', 'yuv420p'],
    [
      'H.264 in BT.709',
      ...['-vf', 'scale=out_color_matrix=bt709:out_range=tv', '-pix_fmt', 'yuv420p'],
      ...['-colorspace', 'bt709', '-color_range', 'tv'],
    ],
    ['H.264 of full range', '-vf', 'scale=out_range=pc', '-pix_fmt', 'yuvj420p', '-color_range', 'pc'],
    ['H.264 with full colour', '-pix_fmt', 'yuv444p'],
    ['HEVC', '-c:v', 'libx265', '-x265-params', 'log-level=none', '-pix_fmt', 'yuv420p'],
    ['Motion JPEG', '-c:v', 'mjpeg', '-q:v', '3', '-pix_fmt', 'yuvj420p'],
    ['MPEG-4', '-c:v', 'mpeg4', '-q:v', '3'],
    ['VP9', '-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-pix_fmt', 'yuv420p'],
  ] as const) {
    it(`${title} decodes to the same pictures`, async () => {
      const path = join(folder, `${title.replaceAll(/\W/g, '-')}.mkv`);
      run([...raw, ...flags, path], pictures());
      const { frames, error } = await readAll(path);
      expect(error).to.equal(undefined);
      expect(frames).to.have.length(COUNT);
      expect(psnr(Buffer.concat(frames.map(({ picture }) => picture.data)), decode(path))).to.be.at.least(50);
    });
  }

  for (const extension of ['mp4', 'mkv', 'ts']) {
    it(`of an .${extension} that was cut off as many frames come`, async () => {
      const [whole, cut] = [join(folder, `whole.${extension}`), join(folder, `cut.${extension}`)];
      await writeClip(whole, { count: 40, width: WIDTH, height: HEIGHT, crf: 5, gop: 12 });
      const bytes = await readFile(whole);
      await writeFile(cut, bytes.subarray(0, Math.round(bytes.length * 0.6)));
      const lines = run(['-i', cut, '-fps_mode', 'passthrough', '-f', 'framemd5', '-']).toString().trim().split('\n');
      const { frames } = await readAll(cut);
      expect(frames.length).to.be.above(10);
      expect(frames).to.have.length(lines.filter((line) => !line.startsWith('#')).length);
    });
  }

  for (const [settings, ...flags] of [
    [{ crf: 24 }, '-crf', '24'],
    [{ crf: 35, preset: 'fast' }, '-crf', '35', '-preset', 'fast'],
    [{ crf: 24, gop: 1 }, '-crf', '24', '-g', '1'],
    [{ crf: 18, pixelFormat: 'yuv444p' }, '-crf', '18'],
    [{ crf: 30, matrix: 'bt709' }, '-crf', '30', '-vf', 'scale=out_color_matrix=bt709', '-colorspace', 'bt709'],
  ] as [H264Settings, ...string[]][]) {
    it(`encoding with ${JSON.stringify(settings)} loses what ${flags.join(' ')} loses`, async () => {
      const [own, other] = [join(folder, 'own.mp4'), join(folder, 'other.mp4')];
      await writeClip(own, { count: COUNT, width: WIDTH, height: HEIGHT, ...settings });
      run([...raw, '-c:v', 'libx264', ...flags, '-pix_fmt', settings.pixelFormat ?? 'yuv420p', other], pictures());
      expect(psnr(decode(own), decode(other))).to.be.at.least(50);
      expect(psnr(decode(own), pictures()), 'what the encoding itself loses').to.be.below(50);
    });
  }
});
