import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { decodeLabelMap } from '../../src/image/labels.js';
import { readAll, sizesOf, writeClip } from '../video/support/clips.js';
import { serveRtsp } from '../video/support/rtsp.js';
import { GEARNN } from '../support/programs.js';
import { gearnn } from './support/gearnn.js';
import { byLines } from './support/infer.js';
import { WITHOUT_NODE_AV } from './support/without-package.js';

const DEMO = join(process.cwd(), 'checkpoints/demo');
const COUNT = 6;

describe('gearnn infer: videos', function () {
  this.timeout(180_000);
  let folder: string;
  let clip: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-infer-video-'));
    clip = join(folder, 'street.mp4');
    await writeClip(clip, { count: COUNT, width: 96, height: 64 });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const at = (name: string): string => join(folder, name);
  const call = (...parameters: string[]): string[] => {
    const network = ['--checkpoint', DEMO, '--adaptors', join(DEMO, 'adaptors'), '--engine', 'wasm'];
    return ['infer', ...parameters, ...network];
  };
  const infer = (...parameters: string[]) => gearnn(...call(...parameters));

  it('writes a mask and a line per frame, and an overlay of the same size, length and rate', async () => {
    const outputs = ['--out', at('masks'), '--overlay', at('overlay.mp4'), '--jsonl', at('frames.jsonl')];
    const { code, out, err } = await infer(clip, ...outputs, '--json');
    expect(code, err).to.equal(0);
    const { videos } = JSON.parse(out) as { videos: object[] };
    expect(videos).to.have.length(1);
    expect(videos[0]).to.deep.include({ source: clip, frames: COUNT, dropped: 0, stopped: false });
    const names = await readdir(at('masks/street'));
    expect(names.sort()).to.deep.equal(Array.from({ length: COUNT }, (_, i) => `00000${i + 1}.png`));
    const lines = await byLines(at('frames.jsonl'));
    expect(lines.map(({ frame }) => frame)).to.deep.equal([1, 2, 3, 4, 5, 6]);
    expect(lines[2]).to.include({ source: clip, width: 96, height: 64, level: 'clean' });
    expect(lines[2]!['time']).to.be.closeTo(0.2, 1e-6);
    expect(lines[2]!['timings']).to.have.keys('decode', 'detect', 'swap', 'forward');
    const mask = await decodeLabelMap(await readFile(String(lines[2]!['mask'])), 'mask');
    expect(mask).to.include({ width: 96, height: 64 });
    const { frames } = await readAll(at('overlay.mp4'));
    expect(sizesOf(frames)).to.deep.equal(['96x64']);
    expect(frames.map(({ time }) => time.toFixed(1))).to.deep.equal(['0.0', '0.1', '0.2', '0.3', '0.4', '0.5']);
  });

  it('without --out writes no masks, and says frames/s and the level while it runs', async () => {
    const { code, out, err } = await infer(clip, '--jsonl', at('only.jsonl'), '--level', 'jpeg=10', '--every', '2');
    expect(code, err).to.equal(0);
    expect(out).to.contain('3 frames: 3 at jpeg=10');
    expect(err)
      .to.match(/street: 1\/3 frames +frames\/s [\d.]+ +level jpeg=10/)
      .and.contain('3/3 frames');
    expect((await byLines(at('only.jsonl')))[0]).to.not.have.property('mask');
  });

  it('--size makes the size of a frame part of what is seen', async () => {
    const { code, err } = await infer(clip, '--jsonl', at('sizes.jsonl'), '--size', '128x192', '--max-frames', '1');
    expect(code, err).to.equal(0);
    expect((await byLines(at('sizes.jsonl')))[0]!['seen']).to.deep.include({ resolution: '96x64' });
  });

  it('takes a pattern of videos, each with a folder of its own', async () => {
    await writeClip(at('second.mp4'), { count: 2, width: 48, height: 32 });
    const { code, err } = await infer(at('s*.mp4'), '--out', at('several'));
    expect(code, err).to.equal(0);
    expect((await readdir(at('several'))).sort()).to.deep.equal(['second', 'street']);
    expect(await readdir(at('several/second'))).to.have.length(2);
  });

  it('Ctrl-C ends after the frame in hand: whole lines without the password, an overlay that plays, exit code 130', async () => {
    const camera = await serveRtsp({ count: 400, pace: 0.05 });
    const address = camera.url.replace('//', '//user:secret@');
    const parameters = call(address, '--overlay', at('camera.mp4'), '--jsonl', at('camera.jsonl'));
    const child = spawn(process.execPath, [...GEARNN, ...parameters]);
    let [out, err] = ['', ''];
    child.stdout.on('data', (piece: Buffer) => (out += piece.toString()));
    child.stderr.on('data', (piece: Buffer) => (err += piece.toString()));
    const ended = once(child, 'close') as Promise<[number]>;
    while (!(await hasLines(at('camera.jsonl'), 5)) && child.exitCode === null)
      await new Promise((r) => setTimeout(r, 100));
    child.kill('SIGINT');
    const [code] = await ended;
    camera.close();
    expect(code, err).to.equal(130);
    expect(out).to.match(/frames.*, stopped at [\d.]+ s: /);
    const lines = await byLines(at('camera.jsonl'));
    expect(lines.length).to.be.at.least(5);
    expect(lines[0]).to.include({ source: camera.url });
    expect(out + err)
      .to.contain(camera.url)
      .and.not.contain('secret');
    expect((await readAll(at('camera.mp4'))).frames).to.have.length(lines.length);
  });

  it('refuses calls that cannot succeed before it loads a network', async () => {
    const second = at('second.mp4');
    for (const [parameters, expected] of [
      [[clip], /--out, --overlay or --jsonl/],
      [[clip, second, '--overlay', at('two.mp4')], /expected one video, got 2 videos/],
      [[clip, '--overlay', at('overlay.docx')], /E_VIDEO_WRITE/],
      [[clip, '--out', at('masks')], /E_OUT_EXISTS/],
      [[at('none.mp4'), '--out', at('x')], /nothing of that name/],
    ] as const) {
      const { code, err } = await infer(...parameters);
      expect(code, err).to.be.within(1, 2);
      expect(err).to.match(expected);
    }
  });

  it('of a file that was cut off the frames before the cut are answered, and the exit code is 1', async () => {
    await writeClip(at('cut.mp4'), { count: 30, width: 96, height: 64, gop: 1, crf: 10 });
    await truncate(at('cut.mp4'), (await stat(at('cut.mp4'))).size / 2);
    const { code, out, err } = await infer(at('cut.mp4'), '--out', at('cut'));
    expect(code).to.equal(1);
    expect(err).to.contain('too early').and.contain('1 of 1 videos').and.contain('E_INFER');
    const names = await readdir(at('cut/cut'));
    expect(names.length).to.be.within(10, 15);
    expect(out).to.contain(`${names.length} frames`);
  });

  it('of damage in the middle says the frames that it cost, and the exit code is 1', async () => {
    const damaged = join(process.cwd(), 'test/fixtures/video/damaged-mid.mp4');
    const { code, out, err } = await infer(damaged, '--out', at('damaged'), '--json', '--every', '3');
    expect(code).to.equal(1);
    expect(err).to.contain('4 frames (14-15, 18, 20) that cannot be decoded').and.contain('E_INFER');
    const [video] = (JSON.parse(out) as { videos: { damage: { lost: number[][] } }[] }).videos;
    expect(video!.damage.lost).to.deep.equal([
      [14, 15],
      [18, 18],
      [20, 20],
    ]);
    expect((await readdir(at('damaged/damaged-mid'))).at(-1)).to.equal('000028.png');
  });

  it('reads standard input, and a signal ends the wait for it', async () => {
    const ts = at('piped.ts');
    await writeClip(ts, { count: 3, width: 96, height: 64 });
    const child = spawn(process.execPath, [
      ...GEARNN,
      ...call('-', '--out', at('piped'), '--jsonl', at('piped.jsonl')),
    ]);
    let err = '';
    child.stderr.on('data', (piece: Buffer) => (err += piece.toString()));
    child.stdout.resume();
    const ended = once(child, 'close') as Promise<[number]>;
    child.stdin.end(await readFile(ts));
    expect((await ended)[0], err).to.equal(0);
    expect(await readdir(at('piped/stdin'))).to.have.length(3);

    const waiting = spawn(process.execPath, [...GEARNN, ...call('-', '--jsonl', at('waiting.jsonl'))]);
    const over = once(waiting, 'close') as Promise<[number | null]>;
    waiting.stdout.resume();
    waiting.stderr.resume();
    while (!(await stat(at('waiting.jsonl')).catch(() => undefined)) && waiting.exitCode === null)
      await new Promise((r) => setTimeout(r, 100));
    waiting.kill('SIGTERM');
    expect((await over)[0]).to.be.oneOf([130, 143]);
  });

  it('--force leaves no mask of a longer video before', async () => {
    const { code, err } = await infer(clip, '--out', at('masks'), '--max-frames', '2', '--force');
    expect(code, err).to.equal(0);
    expect(await readdir(at('masks/street'))).to.have.length(2);
  });

  it('without node-av says what is missing and the one command that mends it; images need none of it', async () => {
    const run = async (...parameters: string[]): Promise<{ code: number; err: string }> => {
      const child = spawn(process.execPath, ['--import', WITHOUT_NODE_AV, ...GEARNN, ...call(...parameters)]);
      let err = '';
      child.stderr.on('data', (piece: Buffer) => (err += piece.toString()));
      child.stdout.resume();
      const [code] = (await once(child, 'close')) as [number];
      return { code, err };
    };
    const { code, err } = await run(clip, '--out', at('missing'));
    expect(code).to.equal(1);
    expect(err).to.contain('npm install node-av').and.contain('E_VIDEO_PACKAGE');
    const image = join(process.cwd(), 'test/fixtures/image/jpeg-20.jpg');
    expect((await run(image, '--out', at('image'))).code).to.equal(0);
  });
});

async function hasLines(path: string, count: number): Promise<boolean> {
  if (!(await stat(path).catch(() => undefined))) return false;
  return (await readFile(path, 'utf8')).split('\n').length > count;
}
