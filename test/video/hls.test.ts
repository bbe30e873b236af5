import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openVideo } from '../../src/video/reader.js';
import { RATE, readAll, sizesOf } from './support/clips.js';
import { FRAMES, makeLadder, playlist, serveChangingLive, serveHls } from './support/hls.js';

const SIZES = [
  [96, 64],
  [48, 32],
] as const;

describe('HLS', function () {
  this.timeout(60_000);
  let folder: string;
  let ladder: Buffer[];
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-hls-'));
    ladder = await makeLadder(folder, SIZES);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('a playlist whose segments change rung is read through, each frame at its size', async () => {
    const server = await serveHls((path) =>
      path === '/all.m3u8' ? playlist(['a0.ts', 'b1.ts', 'a2.ts']) : ladder[path.startsWith('/a') ? 0 : 1],
    );
    const { frames, error } = await readAll(`${server.url}/all.m3u8`);
    server.close();
    expect(error).to.equal(undefined);
    expect(frames).to.have.length(3 * FRAMES);
    expect(sizesOf(frames)).to.deep.equal(['96x64', '48x32', '96x64']);
    for (const [i, { time }] of frames.entries()) expect(time).to.be.closeTo(i / RATE, 0.011);
  });

  it('a playlist that is still being written is live until its end comes', async () => {
    const server = await serveChangingLive(ladder, [0, 0, 1, 1]);
    const reader = await openVideo(`${server.url}/live.m3u8`, { live: false });
    const frames = [];
    for await (const frame of reader) frames.push(frame);
    server.close();
    expect(reader.info.live).to.equal(false);
    expect(frames).to.have.length(4 * FRAMES);
    expect(sizesOf(frames)).to.deep.equal(['96x64', '48x32']);
    expect(server.requests.filter((path) => path === '/live.m3u8').length).to.be.above(2);
  });

  it('live frames come at the pace at which they were recorded', async () => {
    const server = await serveChangingLive(ladder, [0, 0, 0, 0]);
    const reader = await openVideo(`${server.url}/live.m3u8`);
    const start = performance.now();
    const early: number[] = [];
    for await (const { number, time } of reader) {
      const late = performance.now() - start - time * 1000;
      if (late < -50) early.push(number);
    }
    server.close();
    expect(reader.info.live).to.equal(true);
    expect(early).to.deep.equal([]);
  });

  it('of a playlist of rungs the largest is read, and of the others no more than it takes to know them', async () => {
    const count = 20;
    const segments: Buffer[][] = [];
    for (let i = 0; i < count; i++) segments.push(await makeLadder(folder, SIZES, (i * FRAMES) / RATE));
    const names = (rung: string): string[] => segments.map((_, i) => `${rung}-${i}.ts`);
    const master = [
      '#EXTM3U',
      ...['#EXT-X-STREAM-INF:BANDWIDTH=100000,RESOLUTION=48x32', 'small.m3u8'],
      ...['#EXT-X-STREAM-INF:BANDWIDTH=400000,RESOLUTION=96x64', 'large.m3u8'],
    ].join('\n');
    const server = await serveHls((path) => {
      if (path === '/master.m3u8') return master;
      const [, rung = '', i] = /^\/(large|small)(?:-(\d+))?/.exec(path) ?? [];
      return i ? segments[Number(i)]![rung === 'large' ? 0 : 1] : playlist(names(rung), { discontinuity: false });
    });
    const { frames } = await readAll(`${server.url}/master.m3u8`);
    server.close();
    expect(sizesOf(frames)).to.deep.equal(['96x64']);
    expect(frames).to.have.length(count * FRAMES);
    expect(server.requests).to.include('/large-19.ts').and.not.include('/small-19.ts');
  });
});
