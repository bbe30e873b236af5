import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findSources } from '../../src/serve/sources.js';

describe('findSources', () => {
  for (const [address, name] of [
    ['rtsp://user:secret@camera.local/live/street%201?x=1', 'street_1'],
    ['https://host/live.m3u8', 'live'],
    ['rtsp://camera.local', 'camera.local'],
    ['udp://', 'video'],
    // Addresses that FFmpeg takes, and URL does not.
    ['udp://:1234', '1234'],
    ['udp://@:1234', '1234'],
    ['srt://:9000?mode=listener', '9000'],
    // Mistyped ones, of which FFmpeg says what is wrong.
    ['rtsp://cam:port/1', '1'],
    ['rtsp://user:secret@cam:port', 'cam_port'],
    ['https://host:99999/x.mp4', 'x'],
    ['http://h/50%off.mp4', '50_off'],
  ] as const) {
    it(`${address}: a video of the name ${name}`, async () => {
      expect(await findSources([address])).to.deep.equal({ images: [], videos: [{ source: address, name }] });
    });
  }

  it('a file whose name begins like an address is the file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gearnn-sources-'));
    const source = join(folder, 'cam:1.mp4');
    await writeFile(source, '');
    expect((await findSources([source])).videos).to.deep.equal([{ source, name: 'cam:1' }]);
    await rm(folder, { recursive: true });
  });
});
