import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GearnnError } from '../../src/common/errors.js';
import { H264Encoder } from '../../src/video/encoder.js';
import { VideoWriter } from '../../src/video/writer.js';
import { requireTool } from '../support/tools.js';
import { makePicture, RATE, readAll, writeClip } from './support/clips.js';

describe('VideoWriter', function () {
  this.timeout(60_000);
  let folder: string;
  before(async () => (folder = await mkdtemp(join(tmpdir(), 'gearnn-writer-'))));
  after(() => rm(folder, { recursive: true, force: true }));

  const failure = async (run: () => Promise<unknown>): Promise<GearnnError> => {
    try {
      await run();
    } catch (error) {
      return error as GearnnError;
    }
    throw new Error('nothing was refused');
  };

  for (const extension of ['mp4', 'mkv', 'mov', 'ts']) {
    it(`.${extension}: frames come back, as many, at their times`, async () => {
      const path = join(folder, `clip.${extension}`);
      await writeClip(path, { count: 7, width: 64, height: 48 });
      const { frames, error } = await readAll(path);
      expect(error).to.equal(undefined);
      expect(frames.map(({ time }) => Math.round(time * RATE))).to.deep.equal([0, 1, 2, 3, 4, 5, 6]);
    });
  }

  it('a file whose name begins like an address is written', async () => {
    const before = process.cwd();
    process.chdir(folder);
    try {
      for (const name of ['2024-05-01T12:30:00.mp4', 'cam:1.mkv', 'udp:1.ts']) {
        await writeClip(name, { count: 3, width: 64, height: 48 });
        expect((await stat(join(folder, name))).size, name).to.be.above(0);
      }
    } finally {
      process.chdir(before);
    }
    expect((await readdir(folder)).filter((name) => name.includes('partial'))).to.deep.equal([]);
  });

  it('uneven times are kept, and a time that does not rise becomes the next tick', async () => {
    const path = join(folder, 'uneven.mp4');
    const writer = await VideoWriter.open(path, { width: 64, height: 48 });
    for (const time of [0, 0.04, 0.5, 0.5, 2]) await writer.write(makePicture(0, 64, 48), time);
    await writer.close();
    const { frames } = await readAll(path);
    expect(frames.map(({ time }) => Number(time.toFixed(2)))).to.deep.equal([0, 0.04, 0.5, 0.5, 2]);
  });

  it('an mp4 begins with its index', async () => {
    const path = join(folder, 'fast.mp4');
    await writeClip(path, { count: 3, width: 64, height: 48 });
    const bytes = await readFile(path);
    expect(bytes.indexOf('moov')).to.be.within(1, bytes.indexOf('mdat'));
  });

  it('has its name only when it is finished; discarded, or without a frame, it is not there', async () => {
    const inner = join(folder, 'unfinished');
    const options = { width: 64, height: 48 };
    const writer = await VideoWriter.open(join(inner, 'a.mp4'), options);
    await writer.write(makePicture(0, 64, 48), 0);
    expect(await readdir(inner))
      .to.have.length(1)
      .and.not.include('a.mp4');
    await writer.close();
    await writer.discard();
    expect(await readdir(inner)).to.deep.equal(['a.mp4']);
    await (await VideoWriter.open(join(inner, 'b.mp4'), options)).close();
    const given = await VideoWriter.open(join(inner, 'c.mp4'), options);
    await given.write(makePicture(0, 64, 48), 0);
    await given.discard();
    expect(await readdir(inner)).to.deep.equal(['a.mp4']);
  });

  it('equal frames and settings give equal packets, every time', async () => {
    const encodings = new Set<string>();
    for (let run = 0; run < 20; run++) {
      const encoder = await H264Encoder.open({ width: 160, height: 96, frameRate: RATE, crf: 35, preset: 'fast' });
      const pieces: Buffer[] = [];
      for (let i = 0; i <= 12; i++) {
        for (const packet of await encoder.encode(i < 12 ? makePicture(i, 160, 96) : null, i / RATE)) {
          pieces.push(Buffer.from(packet.data!));
          packet.free();
        }
      }
      encoder.close();
      encodings.add(Buffer.concat(pieces).toString('base64'));
    }
    expect(encodings.size).to.equal(1);
  });

  it('has B-frames as the preset says, or as many in a row as it is told', async function () {
    const ffprobe = requireTool(this, 'ffprobe');
    const longest: Record<string, number> = {};
    for (const bFrames of [undefined, 0, 1]) {
      const path = join(folder, `b-frames-${bFrames}.mp4`);
      await writeClip(path, { count: 20, width: 64, height: 48, bFrames });
      const shown = ['-show_entries', 'frame=pict_type', '-of', 'csv=p=0', path];
      const types = execFileSync(ffprobe, ['-v', 'error', ...shown], { encoding: 'utf8' }).replace(/[^IPB]/g, '');
      longest[String(bFrames)] = Math.max(...types.split(/[IP]/).map(({ length }) => length));
    }
    expect(longest).to.deep.equal({ undefined: 3, 0: 0, 1: 1 });
  });

  for (const [title, options, where] of [
    ['an odd width', { width: 63, height: 48 }, 'size'],
    ['an odd height', { width: 64, height: 47 }, 'size'],
    ['a CRF over 51', { width: 64, height: 48, crf: 52 }, 'crf'],
    ['a GOP of 0', { width: 64, height: 48, gop: 0 }, 'gop'],
    ['17 B-frames', { width: 64, height: 48, bFrames: 17 }, 'bFrames'],
  ] as const) {
    it(`refuses ${title}`, async () => {
      const error = await failure(() => VideoWriter.open(join(folder, 'no.mp4'), options));
      expect(error).to.include({ code: 'E_VIDEO_WRITE' });
      expect(error.message).to.contain(where);
    });
  }

  it('refuses an extension of no container, and a picture of another size', async () => {
    const options = { width: 64, height: 48 };
    const error = await failure(() => VideoWriter.open(join(folder, 'clip.docx'), options));
    expect(error.code).to.equal('E_VIDEO_WRITE');
    expect(error.message).to.contain('.docx');
    const writer = await VideoWriter.open(join(folder, 'sizes.mp4'), options);
    expect(await failure(() => writer.write(makePicture(0, 48, 64), 0))).to.include({ code: 'E_SHAPE' });
    await writer.discard();
  });
});
