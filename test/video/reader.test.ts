import { expect } from 'chai';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createSocket } from 'node:dgram';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { GearnnError } from '../../src/common/errors.js';
import { encodeJpeg } from '../../src/image/encode.js';
import { openVideo } from '../../src/video/reader.js';
import { makePicture, psnr, RATE, readAll, sizesOf, writeClip } from './support/clips.js';
import { serveHls } from './support/hls.js';

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

const codeOf = (error: Error | undefined): string | undefined => (error as GearnnError | undefined)?.code;

describe('openVideo', function () {
  this.timeout(60_000);
  let folder: string;
  let clip: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-video-'));
    clip = join(folder, 'clip.mp4');
    await writeClip(clip, { count: 12, width: 96, height: 64 });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('gives every frame in order, with its number, its time and its pixels', async () => {
    const reader = await openVideo(clip);
    expect(reader.info).to.deep.equal({
      ...{ width: 96, height: 64, frameRate: RATE, duration: 1.2, codec: 'h264', live: false },
    });
    const { frames } = await readAll(clip);
    await reader.close();
    expect(frames.map(({ number }) => number)).to.deep.equal(Array.from({ length: 12 }, (_, i) => i + 1));
    frames.forEach(({ time, picture }, i) => {
      expect(time).to.be.closeTo(i / RATE, 1e-6);
      expect(psnr(picture.data, makePicture(i, 96, 64).data), `frame ${i}`).to.be.above(32);
    });
  });

  it('a file whose name begins like an address is read, from any folder', async () => {
    const before = process.cwd();
    process.chdir(folder);
    try {
      for (const name of ['2024-05-01T12:30:00.mp4', 'cam:1.mp4', 'http.mp4']) {
        await copyFile(clip, name);
        const { frames, error } = await readAll(name);
        expect(error, name).to.equal(undefined);
        expect(frames, name).to.have.length(12);
      }
    } finally {
      process.chdir(before);
    }
  });

  it('an address where nothing ever comes is E_VIDEO_OPEN after a while', async () => {
    const ports = await Promise.all([freePort(), freePort(), freePort()]);
    const silent = [
      `udp://127.0.0.1:${ports[0]}`,
      `rtp://127.0.0.1:${ports[1]}`,
      `srt://127.0.0.1:${ports[2]}?mode=listener`,
    ];
    const errors = await Promise.all(silent.map((address) => openVideo(address).catch((error: Error) => error)));
    expect(errors.map((error) => codeOf(error as Error))).to.deep.equal(silent.map(() => 'E_VIDEO_OPEN'));
  });

  it('frames whose size changes midway come at their new size, on one rising clock', async () => {
    const parts = [];
    for (const [name, width, height] of [
      ['large', 96, 64],
      ['small', 50, 38],
    ] as const) {
      const path = join(folder, `${name}.ts`);
      await writeClip(path, { count: 6, width, height });
      parts.push(await readFile(path));
    }
    const both = join(folder, 'both.ts');
    await writeFile(both, Buffer.concat(parts));
    const { frames, error } = await readAll(both);
    expect(error).to.equal(undefined);
    expect(frames).to.have.length(12);
    expect(sizesOf(frames)).to.deep.equal(['96x64', '50x38']);
    frames.forEach(({ time }, i) => expect(time).to.be.closeTo(i / RATE, 1e-6));
    expect(psnr(frames[6]!.picture.data, makePicture(0, 50, 38).data)).to.be.above(32);
  });

  it('a loop that is left early, and a signal, end the thread', async () => {
    for await (const { number } of await openVideo(clip)) if (number === 2) break;
    const controller = new AbortController();
    const seen: number[] = [];
    let error: Error | undefined;
    try {
      for await (const { number } of await openVideo(clip, { signal: controller.signal })) {
        seen.push(number);
        if (number === 3) controller.abort();
      }
    } catch (caught) {
      error = caught as Error;
    }
    expect(seen).to.deep.equal([1, 2, 3]);
    expect(error).to.equal(controller.signal.reason);
  });

  it('live: what came while nobody asked is dropped and counted, and the newest frame is next', async () => {
    const reader = await openVideo(clip, { live: true });
    const seen: number[] = [];
    for await (const { number } of reader) {
      seen.push(number);
      if (seen.length === 1) await sleep(1000);
    }
    expect(seen.at(-1)).to.equal(12);
    expect(seen.length).to.be.below(12);
    expect(reader.dropped).to.equal(12 - seen.length);
  });

  it('over HTTP a file of frames alone, which says no length, is live unless told otherwise; then every frame comes', async () => {
    const pictures = await Promise.all(Array.from({ length: 8 }, (_, i) => encodeJpeg(makePicture(i, 96, 64), 80)));
    const server = await serveHls(() => Buffer.concat(pictures));
    const address = `${server.url}/camera.mjpeg`;
    const reader = await openVideo(address);
    await reader.close();
    const { frames, error } = await readAll(address, { live: false });
    server.close();
    expect(reader.info).to.include({ codec: 'mjpeg', live: true });
    expect(error).to.equal(undefined);
    expect(frames).to.have.length(8);
  });

  it('a signal ends the wait for a server that does not answer', async () => {
    const server: Server = createServer(() => {}).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    for (const address of [`http://127.0.0.1:${port}/live.m3u8`, `rtsp://127.0.0.1:${port}/live`]) {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 200);
      const { error } = await readAll(address, { signal: controller.signal });
      expect(error, address).to.equal(controller.signal.reason);
    }
    server.close();
  });

  describe('what cannot be read', () => {
    it('a missing file, a folder, an empty file and text are E_VIDEO_OPEN, each by its name', async () => {
      await writeFile(join(folder, 'empty.mp4'), '');
      await writeFile(join(folder, 'text.mp4'), 'no video');
      for (const [name, got] of [
        ['none.mp4', 'nothing of that name'],
        ['.', 'a folder'],
        ['empty.mp4', 'an empty file'],
        ['text.mp4', 'Invalid data'],
      ] as const) {
        const path = join(folder, name);
        const { error } = await readAll(path);
        expect(codeOf(error), name).to.equal('E_VIDEO_OPEN');
        expect(error!.message).to.contain(path).and.contain(got);
      }
    });

    it('sound alone is no video', async () => {
      const path = join(folder, 'sound.wav');
      await writeFile(path, wav(8000));
      const { error } = await readAll(path);
      expect(codeOf(error)).to.equal('E_VIDEO_OPEN');
      expect(error!.message).to.contain('sound');
    });

    it('of a file that was cut off all frames before the cut come, then E_VIDEO_BROKEN', async () => {
      const long = join(folder, 'long.mp4');
      await writeClip(long, { count: 40, width: 96, height: 64, gop: 1, crf: 10 });
      const bytes = await readFile(long);
      const cut = join(folder, 'cut.mp4');
      await writeFile(cut, bytes.subarray(0, bytes.length / 2));
      const { frames, error } = await readAll(cut);
      expect(frames.length).to.be.within(15, 20);
      expect(codeOf(error)).to.equal('E_VIDEO_BROKEN');
      expect(error!.message).to.contain('too early').and.contain(`after ${frames.length} frames`);
    });

    it('a server that refuses is named without the password in its address', async () => {
      const { error } = await readAll('http://somebody:secret@127.0.0.1:9/live.m3u8');
      expect(codeOf(error)).to.equal('E_VIDEO_OPEN');
      expect(error!.message).to.contain('http://127.0.0.1:9/live.m3u8').and.not.contain('secret');
    });
  });
});

/** Silence: a header of RIFF, and 16-bit samples of one channel. */
function wav(samples: number): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF');
  header.writeUInt32LE(36 + samples * 2, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(8000, 24);
  header.writeUInt32LE(16_000, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(samples * 2, 40);
  return Buffer.concat([header, Buffer.alloc(samples * 2)]);
}
