import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { distort, distortSequence } from '../../src/distort/distort.js';
import { codesSequences, parseLevel } from '../../src/distort/level.js';
import type { Pixels } from '../../src/image/pixels.js';
import { expectFailure } from '../support/failure.js';
import { requireTool } from '../support/tools.js';
import { psnr } from '../video/support/clips.js';
import { frameOf, HEIGHT, range, WIDTH } from './support/recording.js';

const FRAMES = range(0, 19).map((number) => frameOf('a', number));

async function* each(frames: readonly Pixels[]): AsyncGenerator<Pixels> {
  yield* frames;
}

async function coded(level: string, frames: readonly Pixels[] = FRAMES): Promise<Pixels[]> {
  const results: Pixels[] = [];
  for await (const pixels of distortSequence(each(frames), parseLevel(level), 'a.png')) results.push(pixels);
  return results;
}

const bytes = (frames: readonly Pixels[]): string[] => frames.map(({ data }) => Buffer.from(data).toString('base64'));

describe('distort: sequences', () => {
  describe('their levels', () => {
    it('have a GOP behind the value; 1 makes each picture stand alone', () => {
      expect(parseLevel('h264=024-gop012+brightness=0.5')).to.deep.equal({
        text: 'h264=24-gop12+brightness=0.5',
        steps: [
          { kind: 'h264', value: 24, gop: 12 },
          { kind: 'brightness', value: 0.5 },
        ],
      });
      expect(parseLevel('resolution=.5x-gop250').text).to.equal('resolution=0.5x-gop250');
      expect(parseLevel('h264=24-gop1')).to.deep.equal(parseLevel('h264=24'));
      const coders = ['h264=24', 'h264=24-gop12', 'jpeg=5+resolution=0.5x-gop2'].filter((text) =>
        codesSequences(parseLevel(text)),
      );
      expect(coders).to.deep.equal(['h264=24-gop12', 'jpeg=5+resolution=0.5x-gop2']);
    });

    for (const [text, message] of [
      ['h264=24-gop0', 'expected from 1 to 1000 frames behind -gop, got 0 in "h264=24-gop0"'],
      ['h264=24-gop1001', 'got 1001 in'],
      ['h264=24-gop', 'got nothing in'],
      ['h264=24-gop1.5', 'got 1.5 in'],
      ['h264=99-gop12', 'expected a CRF from 15 to 51, got 99 in "h264=99-gop12"'],
      [
        'jpeg=30-gop12',
        'expected -gop behind a kind that codes sequences (h264, resolution), got jpeg in "jpeg=30-gop12"',
      ],
    ] as const) {
      it(`${text} is refused`, () => {
        expect(() => parseLevel(text))
          .to.throw(message)
          .with.property('code', 'E_DISTORT_LEVEL');
      });
    }
  });

  for (const [crf, gop] of [
    [24, 12],
    [36, 5],
    [30, 250],
  ] as const) {
    it(`h264=${crf}-gop${gop} shows each frame as the ffmpeg program shows it with the same flags`, async function () {
      const ffmpeg = requireTool(this, 'ffmpeg');
      const expected = await throughProgram(ffmpeg, ['-crf', String(crf), '-g', String(gop)]);
      const results = await coded(`h264=${crf}-gop${gop}`);
      expect(results).to.have.length(FRAMES.length);
      results.forEach(({ data }, i) => expect(psnr(data, expected[i]!), `frame ${i}`).to.be.at.least(50));
    });
  }

  it('resolution=32x24-gop12 shows each frame as the ffmpeg program scales and shows it', async function () {
    const ffmpeg = requireTool(this, 'ffmpeg');
    const expected = await throughProgram(
      ffmpeg,
      ['-vf', 'scale=32:24:flags=bicubic', '-crf', '18', '-g', '12'],
      32 * 24,
    );
    const results = await coded('resolution=32x24-gop12');
    expect(results[0]).to.include({ width: 32, height: 24, channels: 3 });
    results.forEach(({ data }, i) => expect(psnr(data, expected[i]!), `frame ${i}`).to.be.at.least(50));
  });

  /** What Debian's ffmpeg makes of the frames, with B-frames in its stream. */
  async function throughProgram(ffmpeg: string, flags: string[], pixels = WIDTH * HEIGHT): Promise<Uint8Array[]> {
    const folder = await mkdtemp(join(tmpdir(), 'gearnn-sequences-'));
    try {
      const [raw, video, out] = ['in.rgb', 'video.mp4', 'out.rgb'].map((name) => join(folder, name)) as [
        string,
        string,
        string,
      ];
      await writeFile(raw, Buffer.concat(FRAMES.map(({ data }) => data)));
      const run = (...parameters: string[]): string =>
        execFileSync(ffmpeg, ['-v', 'error', '-y', ...parameters], { encoding: 'latin1' });
      const given = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${WIDTH}x${HEIGHT}`, '-framerate', '25', '-i', raw];
      const coder = ['-c:v', 'libx264', '-preset', 'medium', '-bf', '3', '-pix_fmt', 'yuv420p', '-threads', '1'];
      run(...given, ...coder, ...flags, video);
      run('-i', video, '-f', 'rawvideo', '-pix_fmt', 'rgb24', out);
      const all = await readFile(out);
      expect(all.length).to.equal(FRAMES.length * pixels * 3);
      return FRAMES.map((_, i) => all.subarray(i * pixels * 3, (i + 1) * pixels * 3));
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  it('frames come back in their order', async () => {
    const results = await coded('h264=24-gop12');
    results.forEach(({ data }, i) => {
      const likeness = FRAMES.map((frame) => psnr(data, frame.data));
      expect(likeness.indexOf(Math.max(...likeness))).to.equal(i);
    });
  });

  it('come out the same every time, also several at once', async () => {
    const [once, ...again] = await Promise.all([1, 2, 3].map(() => coded('h264=30-gop12').then(bytes)));
    for (const other of again) expect(other).to.deep.equal(once);
    expect(new Set(once).size).to.equal(FRAMES.length);
  });

  it('are others than intra frames, and than those of another GOP', async () => {
    const intra = await Promise.all(FRAMES.map((frame) => distort(frame, parseLevel('h264=30'))));
    const [twelve, four] = [await coded('h264=30-gop12'), await coded('h264=30-gop4')].map(bytes);
    expect(twelve!.filter((frame) => bytes(intra).includes(frame))).to.deep.equal([]);
    expect(twelve).not.to.deep.equal(four);
  });

  it('steps before are done to every frame, and steps after to what was decoded', async () => {
    const [before, after] = ['brightness=0.5', 'jpeg=30'].map(parseLevel);
    const dark = await Promise.all(FRAMES.map((frame) => distort(frame, before!)));
    const compressed = await Promise.all((await coded('h264=30-gop4', dark)).map((frame) => distort(frame, after!)));
    expect(bytes(await coded('brightness=0.5+h264=30-gop4+jpeg=30'))).to.deep.equal(bytes(compressed));
  });

  it('may be coded twice, as when a video is coded anew', async () => {
    const once = await coded('h264=30-gop4');
    expect(bytes(await coded('h264=30-gop4+h264=36-gop12'))).to.deep.equal(bytes(await coded('h264=36-gop12', once)));
  });

  it('keep odd sizes and gray pictures', async () => {
    const gray = FRAMES.slice(0, 6).map(({ data }): Pixels => ({
      data: data.slice(0, 63 * 47),
      width: 63,
      height: 47,
      channels: 1,
    }));
    const results = await coded('h264=20-gop4', gray);
    expect(results).to.have.length(6);
    for (const [i, result] of results.entries()) {
      expect({ ...result, data: result.data.length }).to.deep.equal({ ...gray[i]!, data: 63 * 47 });
    }
    const small = await coded('resolution=0.5x-gop4', gray);
    expect(small[5]).to.include({ width: 32, height: 24, channels: 1 });
  });

  it('of several sizes are refused, with the place', async () => {
    const other = { ...FRAMES[0]!, width: HEIGHT, height: WIDTH };
    const failure = coded('h264=24-gop12', [...FRAMES.slice(0, 3), other]);
    await expectFailure(failure, 'E_DISTORT_SEQUENCE', 'a.png, frame 4', '64x48', 'got 48x64');
  });

  it('smaller than the level are refused', async () => {
    await expectFailure(coded('resolution=128x96-gop12'), 'E_DISTORT_SIZE', 'a.png', 'at least 128x96');
  });

  it('a single picture is refused, with the level for it', async () => {
    const failure = distort(FRAMES[0]!, parseLevel('brightness=0.5+h264=24-gop12'));
    await expectFailure(failure, 'E_DISTORT_SEQUENCE', 'Use h264=24, which codes each picture alone.');
  });
});
