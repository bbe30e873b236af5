import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { GearnnError } from '../../src/common/errors.js';
import sharp from 'sharp';
import { findSources } from '../../src/serve/sources.js';
import { openVideo } from '../../src/video/reader.js';
import { requireTool } from '../support/tools.js';
import { psnr, readAll, writeClip } from './support/clips.js';

const codeOf = (error: Error | undefined): string | undefined => (error as GearnnError | undefined)?.code;

describe('sources of videos', function () {
  this.timeout(60_000);
  let ffmpeg: string;
  let folder: string;
  const at = (name: string): string => join(folder, name);
  const run = (...parameters: string[]): Buffer =>
    execFileSync(ffmpeg, ['-v', 'quiet', '-y', ...parameters], { maxBuffer: 1 << 28 });
  before(async function () {
    ffmpeg = requireTool(this, 'ffmpeg');
    folder = await mkdtemp(join(tmpdir(), 'gearnn-sources-'));
    run('-f', 'lavfi', '-i', 'testsrc2=s=96x64:r=5:d=0.2', '-frames:v', '1', at('cover.jpg'));
  });
  after(() => folder && rm(folder, { recursive: true, force: true }));

  for (const [name, ...flags] of [
    ['moving.gif'],
    ['moving.webp', '-lossless', '1'],
    ['moving.png', '-f', 'apng'],
  ] as const) {
    it(`${name} is a video when it moves, and an image when it does not`, async () => {
      // Each frame stands for another time.
      const delays = 'settb=1/100,setpts=N*(N+1)/2*10';
      run(
        '-f',
        'lavfi',
        '-i',
        'testsrc2=s=96x64:r=5:d=0.8',
        '-vf',
        delays,
        '-fps_mode',
        'vfr',
        '-enc_time_base',
        '1/100',
        ...flags,
        at(name),
      );
      run('-f', 'lavfi', '-i', 'testsrc2=s=96x64:r=5:d=0.2', '-frames:v', '1', ...flags, at(`still-${name}`));
      const { images, videos } = await findSources([at(name), at(`still-${name}`)]);
      expect(videos).to.deep.equal([{ source: at(name), name: 'moving' }]);
      expect(images.map(({ path }) => path)).to.deep.equal([at(`still-${name}`)]);
      const { frames, error } = await readAll(at(name));
      expect(error).to.equal(undefined);
      expect(frames.map(({ time }) => time.toFixed(1))).to.deep.equal(['0.0', '0.1', '0.3', '0.6']);
      // libvips composes the frames of all three on its own, of a PNG only the first.
      const pages = name === 'moving.png' ? 1 : 4;
      for (let page = 0; page < pages; page++) {
        const expected = await sharp(at(name), { page }).removeAlpha().raw().toBuffer();
        expect(psnr(frames[page]!.picture.data, expected), `frame ${page}`).to.be.at.least(50);
      }
    });
  }

  it('the cover of a song is no video', async () => {
    const sound = ['-f', 'lavfi', '-i', 'sine=d=0.5'];
    for (const name of ['song.mp3', 'song.m4a']) {
      run(
        ...sound,
        '-i',
        at('cover.jpg'),
        '-map',
        '0',
        '-map',
        '1',
        '-c:v',
        'copy',
        '-disposition:v',
        'attached_pic',
        at(name),
      );
    }
    run(...sound, '-attach', at('cover.jpg'), '-metadata:s:t', 'mimetype=image/jpeg', at('song.mkv'));
    for (const name of ['song.mp3', 'song.m4a', 'song.mkv']) {
      const { error } = await readAll(at(name));
      expect(codeOf(error), name).to.equal('E_VIDEO_OPEN');
      expect(error!.message).to.contain('sound and a cover picture only');
    }
  });

  it('of a video with a cover the video is read', async () => {
    await writeClip(at('clip.mp4'), { count: 6, width: 64, height: 48 });
    const both = ['-i', at('clip.mp4'), '-i', at('cover.jpg'), '-map', '1', '-map', '0', '-c', 'copy'];
    run(...both, '-disposition:v:0', 'attached_pic', '-disposition:v:1', 'default', at('both.mp4'));
    const { frames, error } = await readAll(at('both.mp4'));
    expect(error).to.equal(undefined);
    expect(frames.map(({ picture }) => picture.width)).to.deep.equal(Array(6).fill(64));
  });

  for (const codec of ['mpeg4', 'mjpeg']) {
    it(`an AVI of ${codec} that was cut off is E_VIDEO_BROKEN after its frames; a whole one is none`, async () => {
      run('-f', 'lavfi', '-i', 'testsrc2=s=96x64:r=25:d=0.8', '-c:v', codec, '-q:v', '2', at('whole.avi'));
      const bytes = await readFile(at('whole.avi'));
      await writeFile(at('cut.avi'), bytes.subarray(0, bytes.length * 0.6));
      const [whole, cut] = [await readAll(at('whole.avi')), await readAll(at('cut.avi'))];
      expect(whole.error).to.equal(undefined);
      expect(whole.frames).to.have.length(20);
      expect(codeOf(cut.error)).to.equal('E_VIDEO_BROKEN');
      expect(cut.frames.length).to.be.within(8, 13);
    });
  }

  it('file: addresses are files', async () => {
    await writeClip(at('a b.mp4'), { count: 2, width: 64, height: 48 });
    const address = pathToFileURL(at('a b.mp4')).href;
    expect(address).to.contain('a%20b');
    expect((await findSources([address])).videos).to.deep.equal([{ source: at('a b.mp4'), name: 'a b' }]);
    expect((await readAll(address)).frames).to.have.length(2);
    expect(codeOf((await readAll('file://elsewhere/a.mp4')).error)).to.equal('E_VIDEO_OPEN');
  });

  it('a camera of the machine and standard input are videos by their names', async () => {
    const { images, videos } = await findSources(['-', '/dev/video0']);
    expect(images).to.deep.equal([]);
    expect(videos).to.deep.equal([
      { source: '-', name: 'stdin' },
      { source: '/dev/video0', name: 'video0' },
    ]);
    const error = await openVideo('/dev/video99').catch((caught: Error) => caught);
    expect(codeOf(error as Error)).to.equal('E_VIDEO_OPEN');
    expect((error as Error).message).to.contain('/dev/video99');
  });
});
