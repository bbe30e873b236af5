import { expect } from 'chai';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { decodeImage } from '../../src/image/decode.js';
import { decodeFrame } from '../../src/serve/frame.js';
import { type FileAnswer, inferFiles } from '../../src/serve/files.js';
import type { Frame } from '../../src/serve/inference.js';
import { encodedFrame } from '../../src/serve/protocol/image.js';
import type { AdaptiveRunner } from '../../src/serve/runner.js';

/** A runner that answers with a mask of the picture's size. */
const runner = {
  async infer(frame: Frame) {
    const { width, height } = await decodeImage(frame as Uint8Array, 'frame');
    return { mask: new Uint8Array(width * height), width, height, level: 'clean' };
  },
} as unknown as AdaptiveRunner;

/** A picture of 16x8 that asks to be turned by a quarter. */
const turned = (): Promise<Buffer> =>
  sharp({ create: { width: 16, height: 8, channels: 3, background: 'red' } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();

describe('serve: inferFiles', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-files-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('goes past files that cannot be read or decoded, and reports each by its name', async () => {
    await writeFile(join(folder, 'good.jpg'), await turned());
    await writeFile(join(folder, 'page.png'), '<!DOCTYPE html><html>');
    await mkdir(join(folder, 'folder.png'));
    const names = ['gone.png', 'folder.png', 'page.png', 'good.jpg'];
    const files = names.map((name) => ({ path: join(folder, name), mask: `${name}.png` }));
    const answers = new Map<string, FileAnswer>();
    const onAnswer = (answer: FileAnswer): void => void answers.set(answer.path, answer);
    const counts = await inferFiles({ runner, files, out: join(folder, 'out'), onAnswer });
    expect(counts).to.deep.equal({ answered: 1, failed: 3 });
    const errors = names.slice(0, 3).map((name) => {
      const answer = answers.get(join(folder, name))!;
      return 'error' in answer ? `${answer.error.code} ${answer.error.parts.where} ${answer.error.parts.got}` : 'none';
    });
    expect(errors).to.deep.equal([
      `E_FILE_MISSING ${join(folder, 'gone.png')} nothing (ENOENT)`,
      `E_FILE_KIND ${join(folder, 'folder.png')} a folder (EISDIR)`,
      `E_IMAGE_DECODE ${join(folder, 'page.png')} an HTML page`,
    ]);
    expect(await readdir(join(folder, 'out'))).to.deep.equal(['good.jpg.png']);
    expect(answers.get(join(folder, 'good.jpg'))).to.include({ orientation: 6 });
  });

  it('what a server is sent has its upright size; what it does not read is named', async () => {
    const { width, height } = encodedFrame(await turned(), 'body', 1000);
    expect([width, height]).to.deep.equal([8, 16]);
    const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0', 'latin1');
    expect(() => encodedFrame(heic, 'body', 1000)).to.throw('got a HEIC image');
  });

  it('a turned frame is answered upright, and its compression is read from the picture as it is stored', async () => {
    const { pixels, stored } = await decodeFrame(await turned());
    expect([pixels.width, pixels.height]).to.deep.equal([8, 16]);
    expect([stored.width, stored.height]).to.deep.equal([16, 8]);
  });
});
