import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, truncate, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collectFrames } from '../../../src/adapt/camera/collect.js';
import { openDataset } from '../../../src/data/registry.js';
import { gearnn } from '../../cli/support/gearnn.js';
import { expectFailure } from '../../support/failure.js';
import { ROOT } from '../../support/sources.js';
import { psnr } from '../../video/support/clips.js';
import { SCENES, sceneAt, writeScenes } from './support/scenes-clip.js';

describe('adapt: frames of a camera', function () {
  this.timeout(180_000);
  let folder: string;
  let clip: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-camera-'));
    clip = join(folder, 'camera.mkv');
    await writeScenes(clip);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('are a dataset of one frame for each scene, the last in time apart, and are gone afterwards', async () => {
    const collected = await collectFrames({ source: clip });
    expect(collected).to.deep.include({ frames: SCENES, seen: 2 * SCENES });
    const dataset = await openDataset(collected.data);
    const [train, val] = [dataset.samples('train'), dataset.samples('val')];
    expect([train.length, val.length]).to.deep.equal([10, 2]);
    const shown = await Promise.all([...train, ...val].map((sample) => dataset.readImage(sample)));
    const wanted = await Promise.all(shown.map((_, i) => sceneAt(i)));
    shown.forEach(({ data }, i) => expect(psnr(data, wanted[i]!.data), `scene ${i}`).to.be.above(30));
    const root = collected.data.replace('list:', '');
    expect((await stat(root)).mode & 0o077, 'nobody else reads them').to.equal(0);
    await collected.dispose();
    expect(existsSync(root)).to.equal(false);
  });

  it('are as many as asked for, from the seconds asked for', async () => {
    const few = await collectFrames({ source: clip, frames: 10 });
    const early = await collectFrames({ source: clip, seconds: 11 });
    await Promise.all([few.dispose(), early.dispose()]);
    expect(few).to.deep.include({ frames: 10, seen: 2 * SCENES });
    expect(early).to.deep.include({ frames: 11, seen: 22 });
  });

  it('stay where they are to be kept, in a folder of their own', async () => {
    const keep = join(folder, 'kept');
    const collected = await collectFrames({ source: clip, keep });
    await collected.dispose();
    expect((await readdir(keep)).filter((name) => name.endsWith('.png'))).to.have.length(SCENES);
    await expectFailure(collectFrames({ source: clip, keep }), 'E_OUT_EXISTS', `--data list:${keep}`);
  });

  it('are refused where too few differ, and where there is no video; a broken end is warned of', async () => {
    await expectFailure(collectFrames({ source: clip, seconds: 4 }), 'E_TRAIN_DATA', '4 among the 8');
    await expectFailure(collectFrames({ source: join(folder, 'none.mp4') }), 'E_VIDEO_OPEN');
    const cut = join(folder, 'cut.mkv');
    await writeScenes(cut);
    await truncate(cut, Math.round((await stat(cut)).size * 0.95));
    const warnings: string[] = [];
    const collected = await collectFrames({ source: cut, warn: (message) => warnings.push(message) });
    await collected.dispose();
    expect(collected.frames).to.be.within(10, SCENES);
    expect(warnings.join()).to.contain(cut);
  });

  it('adapt a network by gearnn adapt --camera', async () => {
    const checkpoint = join(ROOT, 'checkpoints/demo');
    const call = ['adapt', '--checkpoint', checkpoint, '--camera', clip, '--frames', '11', '--level', 'jpeg=5'];
    const settings = ['--steps', '4', '--rate', '0.003', '--batch', '2', '--size', '64x64'];
    const done = await gearnn(...call, ...settings, '--out', join(folder, 'adapted'), '--json');
    expect(done.code, done.err).to.equal(0);
    expect(done.err).to.contain(`${clip}: 11 frames that differ, of 24 in 12 s`);
    const { pictures, rows } = JSON.parse(done.out) as { pictures: object; rows: object[] };
    expect(pictures).to.deep.equal({ train: 8, choose: 1, measure: 2 });
    expect(rows[0]).to.include({ level: 'jpeg=5' });
  });

  it('go with no other source, and not on with a camera that shows other frames by now', async () => {
    const call = ['adapt', '--checkpoint', join(ROOT, 'checkpoints/demo'), '--level', 'jpeg=5'];
    for (const [flags, text] of [
      [['--camera', clip, '--data', 'scenes:7'], /cannot be used with/],
      [['--data', 'scenes:7', '--frames', '20'], /got --data and --frames/],
      [[], /got neither/],
      [['--camera', 'rtsp://127.0.0.1:1/x', '--resume'], /shows others by now/],
    ] as const) {
      const { code, err } = await gearnn(...call, ...flags, '--out', join(folder, 'none'));
      expect(code, err).to.equal(2);
      expect(err).to.match(text);
    }
  });
});
