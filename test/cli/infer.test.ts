import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { decodeLabelMap } from '../../src/image/labels.js';
import { GEARNN } from '../support/programs.js';
import { byLines, sceneJpeg } from './support/infer.js';

const DEMO = ['--checkpoint', join(process.cwd(), 'checkpoints/demo'), '--engine', 'cpu'];

interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

describe('gearnn infer', function () {
  this.timeout(120_000);
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-infer-'));
    await mkdir(join(folder, 'frames/deep'), { recursive: true });
    await writeFile(join(folder, 'frames/frame10.jpg'), await sceneJpeg(10));
    await writeFile(join(folder, 'frames/frame2.jpg'), await sceneJpeg(5));
    await writeFile(
      join(folder, 'frames/deep/clean.png'),
      await sharp(await sceneJpeg(100))
        .png()
        .toBuffer(),
    );
    await writeFile(join(folder, 'frames/notes.txt'), 'no image');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const infer = (...parameters: string[]): Promise<Result> =>
    new Promise((resolve) => {
      const call = [...GEARNN, 'infer', ...parameters, ...DEMO];
      execFile(process.execPath, call, { cwd: folder }, (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
      );
    });

  it('writes a mask per image of a folder, and a line of what it found', async () => {
    const result = await infer('frames', '--out', 'masks', '--jsonl', 'frames.jsonl', '--json');
    expect(result.code, result.stderr).to.equal(0);
    const counts = JSON.parse(result.stdout) as { answered: number; failed: number; levels: Record<string, number> };
    expect(counts).to.deep.include({ answered: 3, failed: 0 });
    expect(counts.levels).to.include({ 'jpeg=5': 1, 'jpeg=10': 1 });
    expect((await readdir(join(folder, 'masks'), { recursive: true })).sort()).to.deep.equal([
      'deep',
      'deep/clean.png',
      'frame10.png',
      'frame2.png',
    ]);
    const lines = await byLines(join(folder, 'frames.jsonl'));
    const line = lines.find(({ source }) => source === join('frames', 'frame2.jpg'))!;
    expect(line).to.deep.include({
      mask: join('masks', 'frame2.png'),
      level: 'jpeg=5',
      how: 'detected',
      confidence: 1,
      seen: { jpeg: 5 },
    });
    const mask = await decodeLabelMap(await readFile(join(folder, 'masks/frame2.png')), 'mask');
    expect(mask).to.include({ width: line.width, height: line.height });
    expect(Math.max(...mask.data)).to.be.within(1, 10);
  });

  it('takes files and patterns, at a level that is said, and writes over nothing without --force', async () => {
    const parameters = ['frames/*2.jpg', 'frames/frame10.jpg', '--level', 'jpeg=20', '--out', 'some'];
    const first = await infer(...parameters);
    expect(first.code, first.stderr).to.equal(0);
    expect(first.stdout).to.contain('2 at jpeg=20');
    const second = await infer(...parameters);
    expect(second.code).to.equal(1);
    expect(second.stderr).to.contain('E_OUT_EXISTS').and.contain('frame2.png');
    expect((await infer(...parameters, '--force')).code).to.equal(0);
  });

  it('with --stream goes through the frames in the order of their numbers', async () => {
    const result = await infer('frames', '--stream', '--out', 'stream', '--jsonl', 'stream.jsonl');
    expect(result.code, result.stderr).to.equal(0);
    const sources = (await byLines(join(folder, 'stream.jsonl'))).map(({ source }) => source);
    expect(sources.slice(-2)).to.deep.equal([join('frames', 'frame2.jpg'), join('frames', 'frame10.jpg')]);
  });

  it('makes the folder that the log is to lie in, such as that of the masks', async () => {
    const result = await infer('frames/frame2.jpg', '--out', 'new', '--jsonl', 'new/log/frames.jsonl');
    expect(result.code, result.stderr).to.equal(0);
    expect(await byLines(join(folder, 'new/log/frames.jsonl'))).to.have.length(1);
  });

  it('names an image that is damaged, answers the others, and ends with exit code 1', async () => {
    await mkdir(join(folder, 'mixed'));
    const whole = await sceneJpeg(50);
    await writeFile(join(folder, 'mixed/cut.jpg'), whole.subarray(0, whole.length / 2));
    await writeFile(join(folder, 'mixed/whole.jpg'), whole);
    const { code, stderr } = await infer('mixed', '--out', 'partly');
    expect(code).to.equal(1);
    expect(stderr).to.contain('cut.jpg: expected a whole JPEG').and.contain('1 of 2').and.contain('E_INFER');
    expect(await readdir(join(folder, 'partly'))).to.deep.equal(['whole.png']);
  });

  it('says what a source that names nothing should be, and which two images share a mask', async () => {
    const none = await infer('nowhere/*.jpg', '--out', 'x');
    expect(none.code).to.equal(2);
    expect(none.stderr).to.contain('nowhere/*.jpg: expected an image');
    await mkdir(join(folder, 'twins'));
    for (const name of ['a.jpg', 'a.jpeg']) await writeFile(join(folder, 'twins', name), await sceneJpeg(50));
    const twins = await infer('twins', '--out', 'x');
    expect(twins.code).to.equal(2);
    expect(twins.stderr).to.contain('mask has a name of its own').and.contain('a.png');
  });
});
