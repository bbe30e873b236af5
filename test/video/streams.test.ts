import { expect } from 'chai';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GearnnError } from '../../src/common/errors.js';
import { openVideo, type ReadVideoOptions } from '../../src/video/reader.js';
import { readAll, writeClip } from './support/clips.js';
import { FRAMES, makeLadder, playlist, serveHls } from './support/hls.js';
import { serveRtsp } from './support/rtsp.js';

const codeOf = (error: Error | undefined): string | undefined => (error as GearnnError | undefined)?.code;
/** Short, so that tests are. */
const SILENCE = 1.5;

async function serve(listener: RequestListener): Promise<{ url: string; close(): void }> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}`, close };
}

/** Numbers of frames until so many came. */
async function numbersOf(source: string, most: number, options: ReadVideoOptions): Promise<number[]> {
  const numbers: number[] = [];
  for await (const { number } of await openVideo(source, options)) if (numbers.push(number) >= most) break;
  return numbers;
}

describe('streams that stop, and go on', function () {
  this.timeout(60_000);
  let folder: string;
  let movie: Buffer;
  let transport: Buffer;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-streams-'));
    const clip = { count: 40, width: 320, height: 240, gop: 5, crf: 10 };
    await writeClip(join(folder, 'movie.mp4'), clip);
    await writeClip(join(folder, 'movie.ts'), clip);
    movie = await readFile(join(folder, 'movie.mp4'));
    transport = await readFile(join(folder, 'movie.ts'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  for (const withRange of [true, false]) {
    it(`a server with${withRange ? '' : 'out'} Range that falls silent midway is E_VIDEO_BROKEN, after what came`, async () => {
      const server = await serve(({ headers }, response) => {
        const from = withRange ? Number(/bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0) : 0;
        const range = {
          'accept-ranges': 'bytes',
          'content-range': `bytes ${from}-${movie.length - 1}/${movie.length}`,
        };
        response.writeHead(withRange ? 206 : 200, { 'content-length': movie.length - from, ...(withRange && range) });
        response.write(movie.subarray(from, Math.max(from, movie.length / 2)));
      });
      const { frames, error } = await readAll(`${server.url}/movie.mp4`, { silence: SILENCE });
      server.close();
      expect(codeOf(error)).to.equal('E_VIDEO_BROKEN');
      expect(frames.length).to.be.within(15, 25);
    });
  }

  it('a stream over HTTP that falls silent is not begun again and taken for what follows', async () => {
    let requests = 0;
    const server = await serve((_, response) => {
      requests++;
      response.writeHead(200, { 'content-type': 'video/mp2t' });
      response.write(transport.subarray(0, transport.length / 2));
    });
    const { frames, error } = await readAll(`${server.url}/movie.ts`, { silence: SILENCE, live: false });
    server.close();
    expect(codeOf(error)).to.equal('E_VIDEO_BROKEN');
    expect(frames.length).to.be.within(15, 25);
    expect(requests).to.be.at.most(2);
  });

  it('a live playlist that nobody writes any more gives what it has, and is E_VIDEO_BROKEN', async () => {
    const server = await serveHls((path) => (path === '/live.m3u8' ? playlist(['a.ts'], { ended: false }) : transport));
    const { frames, error } = await readAll(`${server.url}/live.m3u8`, { silence: SILENCE, live: false });
    server.close();
    expect(codeOf(error)).to.equal('E_VIDEO_BROKEN');
    expect(error!.message).to.contain(`nothing for ${SILENCE} s`);
    expect(frames.length).to.be.within(35, 40);
  });

  it('with reconnect it goes on when it is written again, each frame once and in order', async () => {
    const segments: Buffer[] = [];
    for (let i = 0; i < 3; i++) segments.push((await makeLadder(folder, [[96, 64]], (i * FRAMES) / 10))[0]!);
    const breaks: Error[] = [];
    const server = await serveHls((path) => {
      if (path !== '/live.m3u8') return segments[Number(path[1])];
      const isWritten = breaks.length > 0;
      return playlist(isWritten ? ['0.ts', '1.ts', '2.ts'] : ['0.ts', '1.ts'], {
        ended: isWritten,
        discontinuity: false,
      });
    });
    const onBreak = (error: Error): void => void breaks.push(error);
    const how = { silence: SILENCE, reconnect: true, live: false, onBreak };
    const { frames, error } = await readAll(`${server.url}/live.m3u8`, how);
    server.close();
    expect(error).to.equal(undefined);
    expect(breaks.map(codeOf)).to.deep.equal(['E_VIDEO_BROKEN']);
    expect(frames.map(({ number }) => number)).to.deep.equal(Array.from({ length: 3 * FRAMES }, (_, i) => i + 1));
    frames.slice(1).forEach(({ time }, i) => expect(time).to.be.above(frames[i]!.time));
  });

  it('with reconnect a recording goes on with the frame after the last', async () => {
    let requests = 0;
    const server = await serve((_, response) => {
      response.writeHead(200, { 'content-length': movie.length });
      if (requests++ === 0) response.write(movie.subarray(0, movie.length / 2));
      else response.end(movie);
    });
    const { frames, error } = await readAll(`${server.url}/movie.mp4`, { silence: SILENCE, reconnect: true });
    server.close();
    expect(error).to.equal(undefined);
    expect(frames.map(({ number }) => number)).to.deep.equal(Array.from({ length: 40 }, (_, i) => i + 1));
    frames.forEach(({ time }, i) => expect(time).to.be.closeTo(i / 10, 1e-6));
  });

  it('with reconnect a camera that hangs up is asked again, and its frames go on counting', async () => {
    const camera = await serveRtsp({ count: 8, pace: 0.05 });
    const breaks: string[] = [];
    const onBreak = ({ message }: Error): void => void breaks.push(message);
    const numbers = await numbersOf(camera.url, 12, { reconnect: true, live: false, onBreak });
    camera.close();
    expect(numbers).to.deep.equal(Array.from({ length: 12 }, (_, i) => i + 1));
    expect(breaks[0]).to.contain('the end of the stream after 8 frames');
  });

  it('a camera that falls silent is E_VIDEO_BROKEN', async () => {
    const camera = await serveRtsp({ count: 60, pace: 0.02, hangsUp: false });
    const { frames, error } = await readAll(camera.url, { silence: 3, live: false });
    camera.close();
    expect(codeOf(error)).to.equal('E_VIDEO_BROKEN');
    expect(frames.length).to.be.above(30);
  });

  for (const name of ['segment', 'segment.php', 'segment.jpg?token=1']) {
    it(`a playlist plays with segments called ${name}`, async () => {
      const server = await serveHls((path) => (path === '/list.m3u8' ? playlist([name]) : transport));
      const { frames, error } = await readAll(`${server.url}/list.m3u8`);
      server.close();
      expect(error).to.equal(undefined);
      expect(frames).to.have.length(40);
    });
  }

  it('so does one of files whose segments have no extension', async () => {
    await cp('test/fixtures/video/noext', join(folder, 'noext'), { recursive: true });
    const { frames, error } = await readAll(join(folder, 'noext/list.m3u8'));
    expect(error).to.equal(undefined);
    expect(frames).to.have.length(20);
  });

  it('parts of one file are E_VIDEO_BROKEN from a server without Range, and whole from one with', async () => {
    const parts: Buffer[] = [];
    for (let i = 0; i < 3; i++) parts.push((await makeLadder(folder, [[96, 64]], (i * FRAMES) / 10))[0]!);
    const all = Buffer.concat(parts);
    const starts = parts.map((_, i) => Buffer.concat(parts.slice(0, i)).length);
    const list = [
      ...['#EXTM3U', '#EXT-X-VERSION:4', '#EXT-X-TARGETDURATION:1'],
      ...parts.flatMap(({ length }, i) => ['#EXTINF:0.6,', `#EXT-X-BYTERANGE:${length}@${starts[i]}`, 'all.ts']),
      '#EXT-X-ENDLIST',
    ].join('\n');
    for (const hasRange of [true, false]) {
      const server = await serve(({ url, headers }, response) => {
        if (url === '/list.m3u8') return void response.end(list);
        const [, from, to] = /bytes=(\d+)-(\d*)/.exec(headers.range ?? '') ?? [];
        if (!hasRange || from === undefined) return void response.end(all);
        const last = to ? Number(to) : all.length - 1;
        response.writeHead(206, { 'content-range': `bytes ${from}-${last}/${all.length}` });
        response.end(all.subarray(Number(from), last + 1));
      });
      const { frames, error } = await readAll(`${server.url}/list.m3u8`);
      server.close();
      expect(codeOf(error), String(hasRange)).to.equal(hasRange ? undefined : 'E_VIDEO_BROKEN');
      if (hasRange) expect(frames).to.have.length(3 * FRAMES);
    }
  });
});
