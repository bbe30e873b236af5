import { expect } from 'chai';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nativeBackend } from '../../src/engine/native.js';
import { decodeLabelMap } from '../../src/image/labels.js';
import { AdaptiveRunner } from '../../src/serve/runner.js';
import { type FrameAnswer, inferVideo } from '../../src/serve/video.js';
import { sceneJpeg } from '../cli/support/infer.js';
import { onEngines, onTensorflow } from '../support/engines.js';
import { openVideo } from '../../src/video/reader.js';
import { VideoWriter } from '../../src/video/writer.js';
import { makePicture, psnr, readAll, sizesOf, writeClip } from '../video/support/clips.js';
import { FRAMES, makeLadder, serveChangingLive } from '../video/support/hls.js';

const DEMO = 'checkpoints/demo';
const LARGE = { width: 96, height: 64 };

/** An adaptor for a small picture: another level's tensors, which is all the same to who is to be chosen. */
async function makeAdaptors(folder: string): Promise<string> {
  const adaptors = join(folder, 'adaptors');
  const target = join(adaptors, 'resolution=48x32');
  await cp(join(DEMO, 'adaptors/jpeg=5'), target, { recursive: true });
  const path = join(target, 'adaptor_config.json');
  const config = JSON.parse(await readFile(path, 'utf8')) as object;
  await writeFile(path, JSON.stringify({ ...config, level: 'resolution=48x32' }));
  return adaptors;
}

function serveVideos(): void {
  let folder: string;
  let runner: AdaptiveRunner;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-serve-video-'));
    runner = await AdaptiveRunner.load({ checkpoint: DEMO, adaptors: await makeAdaptors(folder), size: LARGE });
  });
  after(async () => {
    await rm(folder, { recursive: true, force: true });
    runner.dispose();
  });

  it('a live stream that changes rung gets the adaptor of the new one, and masks of its size, from one network', async () => {
    const ladder = await makeLadder(folder, [
      [96, 64],
      [48, 32],
    ]);
    const server = await serveChangingLive(ladder, [0, 1, 0]);
    const video = { source: `${server.url}/live.m3u8`, name: 'live' };
    const answers: FrameAnswer[] = [];
    const counting = countLoads();
    const out = join(folder, 'masks');
    const onAnswer = (answer: FrameAnswer): void => void answers.push(answer);
    const outcome = await inferVideo({ runner, video, out, live: false, onAnswer });
    server.close();

    const expected = [0, 1, 0].flatMap((rung) => Array<string>(FRAMES).fill(rung === 0 ? 'clean' : 'resolution=48x32'));
    expect(answers.map(({ inference }) => inference.level)).to.deep.equal(expected);
    expect(outcome).to.deep.include({ frames: 3 * FRAMES, dropped: 0, stopped: false });
    expect(outcome.levels).to.deep.equal({ clean: 2 * FRAMES, 'resolution=48x32': FRAMES });
    const names = await readdir(join(out, 'live'));
    expect(names).to.have.length(3 * FRAMES);
    for (const [i, name] of names.sort().entries()) {
      const { width, height } = await decodeLabelMap(await readFile(join(out, 'live', name)), name);
      expect(`${width}x${height}`, name).to.equal(expected[i] === 'clean' ? '96x64' : '48x32');
    }
    counting.check();
  });

  it('the overlay keeps the first size, the times, and shows the class of every pixel in its colour', async () => {
    const path = join(folder, 'clip.mp4');
    await writeClip(path, { count: 5, ...LARGE });
    const overlay = join(folder, 'overlay.mkv');
    const answers: FrameAnswer[] = [];
    const onAnswer = (answer: FrameAnswer): void => void answers.push(answer);
    await inferVideo({ runner, video: { source: path, name: 'clip' }, overlay, onAnswer });
    const [{ frames }, { frames: originals }] = [await readAll(overlay), await readAll(path)];
    expect(sizesOf(frames)).to.deep.equal(['96x64']);
    expect(frames.map(({ time }) => time.toFixed(2))).to.deep.equal(originals.map(({ time }) => time.toFixed(2)));
    const colors = runner.describe().classes.map(({ color }) => color);
    const { data: original } = originals[4]!.picture;
    const meant = original.map(
      (value, at) => (value + colors[answers[4]!.inference.mask[Math.floor(at / 3)]!]![at % 3]!) / 2,
    );
    const shown = frames[4]!.picture.data;
    // Below the caption; colours are stored for two by two pixels, and the edges of a made picture's classes are everywhere.
    const below = (data: Uint8Array): Uint8Array => data.subarray(20 * 96 * 3);
    expect(psnr(below(shown), below(meant))).to.be.above(psnr(below(shown), below(original)) + 10);
    expect((await readdir(folder)).filter((name) => name.includes('partial'))).to.deep.equal([]);
  });

  it('a signal ends it after the frame in hand, with an overlay that plays', async () => {
    const path = join(folder, 'long.mp4');
    await writeClip(path, { count: 20, ...LARGE });
    const overlay = join(folder, 'stopped.mp4');
    const controller = new AbortController();
    const onAnswer = ({ frame }: FrameAnswer): void => void (frame === 4 && controller.abort());
    const video = { source: path, name: 'long' };
    const outcome = await inferVideo({ runner, video, overlay, signal: controller.signal, onAnswer });
    expect(outcome).to.deep.include({ frames: 4, stopped: true });
    expect((await readAll(overlay)).frames).to.have.length(4);
  });

  it('Motion JPEG keeps its tables: each frame gets the level of its own quality', async () => {
    const demo = await AdaptiveRunner.load({ checkpoint: DEMO, adaptors: `${DEMO}/adaptors` });
    const path = join(folder, 'camera.mjpeg');
    const qualities = [10, 10, 50, 50];
    await writeFile(path, Buffer.concat(await Promise.all(qualities.map(sceneJpeg))));
    const answers: FrameAnswer[] = [];
    const onAnswer = (answer: FrameAnswer): void => void answers.push(answer);
    await inferVideo({ runner: demo, video: { source: path, name: 'camera' }, onAnswer });
    demo.dispose();
    expect(answers.map(({ inference }) => inference.level)).to.deep.equal(qualities.map((q) => `jpeg=${q}`));
    expect(answers.map(({ inference }) => inference.seen)).to.deep.equal(qualities.map((jpeg) => ({ jpeg })));
  });

  it('one frame of three, no more than two', async () => {
    const path = join(folder, 'some.mp4');
    await writeClip(path, { count: 10, ...LARGE });
    const numbers: number[] = [];
    const onAnswer = ({ frame }: FrameAnswer): void => void numbers.push(frame);
    await inferVideo({ runner, video: { source: path, name: 'some' }, every: 3, maxFrames: 2, onAnswer });
    expect(numbers).to.deep.equal([1, 4]);
  });

  it('a last frame that stands longer stands as long in the overlay, and a pause is one', async () => {
    const path = join(folder, 'pause.mp4');
    const writer = await VideoWriter.open(path, { ...LARGE, frameRate: 10 });
    for (const time of [0, 0.1, 15.2]) await writer.write(makePicture(0, LARGE.width, LARGE.height), time, 2.5);
    await writer.close();
    for (const name of ['pause-overlay.mp4', 'pause-overlay.mkv']) {
      const overlay = join(folder, name);
      const answers: FrameAnswer[] = [];
      const onAnswer = (answer: FrameAnswer): void => void answers.push(answer);
      await inferVideo({ runner, video: { source: path, name: 'pause' }, overlay, onAnswer });
      expect(answers.map(({ time }) => Number(time.toFixed(2)))).to.deep.equal([0, 0.1, 15.2]);
      const reader = await openVideo(overlay);
      await reader.close();
      expect(reader.info.duration, name).to.be.closeTo(17.7, 0.02);
      const { frames } = await readAll(overlay);
      expect(frames.map(({ time }) => Number(time.toFixed(2)))).to.deep.equal([0, 0.1, 15.2]);
    }
  });

  it('of one frame of several the last stands to the end of the video', async () => {
    const path = join(folder, 'ten.mp4');
    await writeClip(path, { count: 10, ...LARGE });
    const overlay = join(folder, 'every.mp4');
    await inferVideo({ runner, video: { source: path, name: 'ten' }, overlay, every: 4 });
    const reader = await openVideo(overlay);
    await reader.close();
    expect(reader.info.duration).to.be.closeTo(1, 0.02);
  });

  it('a turned video is answered upright and says so, or as it is stored and says that', async () => {
    const video = { source: 'test/fixtures/video/rot90.mp4', name: 'rot90' };
    for (const autorotate of [true, false]) {
      const answers: FrameAnswer[] = [];
      const onAnswer = (answer: FrameAnswer): void => void answers.push(answer);
      const overlay = join(folder, `turned-${autorotate}.mp4`);
      const outcome = await inferVideo({ runner, video, overlay, autorotate, maxFrames: 2, onAnswer });
      const { width, height } = answers[0]!.inference;
      expect(`${width}x${height}`).to.equal(autorotate ? '128x256' : '256x128');
      expect(answers[0]).to.include({ orientation: 8, upright: autorotate });
      expect(outcome).to.include({ orientation: 8, upright: autorotate });
      expect(sizesOf((await readAll(overlay)).frames)).to.deep.equal([`${width}x${height}`]);
    }
  });

  it('of a file that is damaged in the middle all other frames are answered, under their numbers', async () => {
    const numbers: number[] = [];
    const onAnswer = ({ frame }: FrameAnswer): void => void numbers.push(frame);
    const video = { source: 'test/fixtures/video/damaged-mid.mp4', name: 'damaged' };
    const outcome = await inferVideo({ runner, video, every: 9, onAnswer });
    expect(outcome.error?.code).to.equal('E_VIDEO_BROKEN');
    expect(outcome.damage!.lost).to.deep.equal([
      [14, 15],
      [18, 18],
      [20, 20],
    ]);
    expect(numbers).to.deep.equal([1, 10, 19, 28]);
  });

  it('of a broken file what came is answered, and the error is told', async () => {
    const path = join(folder, 'whole.mp4');
    await writeClip(path, { count: 40, ...LARGE, gop: 1, crf: 10 });
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length / 2));
    const overlay = join(folder, 'broken.mp4');
    const outcome = await inferVideo({ runner, video: { source: path, name: 'whole' }, overlay, every: 5 });
    expect(outcome.error?.code).to.equal('E_VIDEO_BROKEN');
    expect(outcome.frames).to.be.within(3, 4);
    expect((await readAll(overlay)).frames).to.have.length(outcome.frames);
  });
}

/** Counts the graphs that the native engine loads from now on; other engines have none. The first further size loads one anew. */
function countLoads(): { check(): void } {
  const backend = nativeBackend();
  if (!backend) return { check() {} };
  const { binding } = backend;
  let loads = 0;
  const loadSavedModel = (...parameters: [string, string]): number => {
    loads++;
    return binding.loadSavedModel(...parameters);
  };
  backend.binding = Object.create(binding, { loadSavedModel: { value: loadSavedModel } }) as typeof binding;
  return {
    check() {
      backend.binding = binding;
      expect(loads, 'graphs loaded').to.be.at.most(2);
    },
  };
}

onTensorflow('inferVideo', serveVideos);
onEngines('inferVideo without anything native', serveVideos, ['wasm']);
