import { expect } from 'chai';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { skippedText } from '../../src/serve/image-folder.js';
import { findSources } from '../../src/serve/sources.js';
import { expectFailure } from '../support/failure.js';

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
      expect(await findSources([address])).to.deep.equal({
        images: [],
        videos: [{ source: address, name }],
        skipped: [],
      });
    });
  }

  it('a file whose name begins like an address is the file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gearnn-sources-'));
    const source = join(folder, 'cam:1.mp4');
    await writeFile(source, '');
    expect((await findSources([source])).videos).to.deep.equal([{ source, name: 'cam:1' }]);
    await rm(folder, { recursive: true });
  });

  describe('a folder', () => {
    let folder: string;
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'gearnn-sources-'));
      for (const name of ['deep', '__MACOSX', '@eaDir', 'dir.png']) await mkdir(join(folder, name));
      const files = ['a10.JPG', 'a2.jfif', 'deep/b.png', '._a2.jfif', 'deep/._b.png', '__MACOSX/c.png', '@eaDir/d.jpg'];
      for (const name of [...files, '.DS_Store', 'Thumbs.db', 'e.bmp', 'f.BMP', 'g.heic', 'notes'])
        await writeFile(join(folder, name), '');
      await symlink('nowhere.png', join(folder, 'gone.png'));
      await symlink('..', join(folder, 'deep/round'));
    });
    after(() => rm(folder, { recursive: true }));

    it('holds its images and those of its folders, in order; droppings of file managers are none', async () => {
      const { images } = await findSources([folder]);
      expect(images.map(({ mask }) => mask)).to.deep.equal(['a2.png', 'a10.png', join('deep', 'b.png')]);
    });

    it('says what else lies there, each with why, but nothing of droppings', async () => {
      const { skipped } = await findSources([folder, join(folder, 'deep', '..')]);
      expect(skipped.map(({ why }) => why).sort()).to.deep.equal([
        '.bmp',
        '.bmp',
        '.heic',
        'dangling link',
        'no extension',
      ]);
      expect(skippedText(skipped)).to.contain('2 .bmp').and.contain('1 dangling link');
    });

    it('a pattern finds no droppings either', async () => {
      const { images } = await findSources([`${folder}/{.,}*.{png,jfif,jpg}`.replaceAll('\\', '/')]);
      expect(images.map(({ mask }) => mask).sort()).to.deep.equal(['a10.png', 'a2.png']);
    });

    it('a pattern may lie in a folder that has the name of a dropping', async () => {
      const old = join(folder, 'old~');
      await mkdir(old);
      for (const name of ['a.png', '._a.png']) await writeFile(join(old, name), '');
      const { images } = await findSources([`${old}/{.,}*.png`.replaceAll('\\', '/')]);
      expect(images.map(({ mask }) => mask)).to.deep.equal(['a.png']);
      await rm(old, { recursive: true });
    });

    it('without an image is refused with what lies there', async () => {
      const other = join(folder, 'others');
      await mkdir(other);
      await writeFile(join(other, 'a.heic'), '');
      await expectFailure(findSources([other]), 'E_USAGE', 'a folder without any: 1 .heic');
      await rm(other, { recursive: true });
    });
  });
});
