import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { openVideo } from '../../src/video/reader.js';
import { makePicture, psnr, RATE } from './support/clips.js';
import { serveRtsp } from './support/rtsp.js';

describe('RTSP', function () {
  this.timeout(60_000);

  it('a camera is live without being told, and its frames come as it sends them', async () => {
    const server = await serveRtsp({ count: 15 });
    const reader = await openVideo(server.url);
    const frames = [];
    for await (const frame of reader) frames.push(frame);
    server.close();
    expect(reader.info).to.include({ live: true, codec: 'h264', width: 96, height: 64 });
    expect(frames.length + reader.dropped).to.equal(15);
    expect(frames.length).to.be.above(5);
    for (const { number, time, picture } of frames) {
      expect(time).to.be.closeTo((number - 1) / RATE, 1e-3);
      expect(psnr(picture.data, makePicture(number - 1, 96, 64).data)).to.be.above(32);
    }
  });

  it('of frames that come faster than they are asked for the newest is next, and the others are counted', async () => {
    const server = await serveRtsp({ count: 30, pace: 0.02 });
    const reader = await openVideo(server.url);
    const numbers: number[] = [];
    for await (const { number } of reader) {
      numbers.push(number);
      await sleep(200);
    }
    server.close();
    expect(numbers).to.deep.equal([...numbers].sort((a, b) => a - b));
    expect(numbers.at(-1)).to.equal(30);
    expect(reader.dropped)
      .to.equal(30 - numbers.length)
      .and.be.above(10);
  });

  it('a signal ends the wait for a camera that fell silent', async () => {
    const server = await serveRtsp({ count: 60, pace: 0.02, hangsUp: false });
    const controller = new AbortController();
    let [count, error] = [0, undefined as Error | undefined];
    try {
      for await (const frame of await openVideo(server.url, { signal: controller.signal })) {
        count++;
        if (frame.number >= 40) setTimeout(() => controller.abort(), 300);
      }
    } catch (caught) {
      error = caught as Error;
    }
    server.close();
    expect(count).to.be.above(0);
    expect(error).to.equal(controller.signal.reason);
  });
});
