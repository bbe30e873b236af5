import { expect } from 'chai';
import * as tf from '@tensorflow/tfjs';
import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadAdaptor } from '../../src/adaptor/file.js';
import { openDataset } from '../../src/data/registry.js';
import { decodeImage } from '../../src/image/decode.js';
import type { Pixels } from '../../src/image/pixels.js';
import { loadCheckpoint, saveCheckpoint } from '../../src/models/checkpoint.js';
import { createNetwork } from '../../src/models/registry.js';
import type { Inference } from '../../src/serve/inference.js';
import { AdaptiveRunner } from '../../src/serve/runner.js';
import { type FrameAnswer, inferVideo } from '../../src/serve/video.js';
import { VideoWriter } from '../../src/video/writer.js';
import { temporaryFolder } from '../data/support/folders.js';
import { OBJECTS, writeDetectorAdaptor, writeFreshDetector } from '../support/detector.js';
import { onTensorflow } from '../support/engines.js';
import { readAll } from '../video/support/clips.js';
import { graphsIn, jpeg } from './support/frames.js';

const LEVELS = ['jpeg=5', 'jpeg=20'];

onTensorflow('runner of a detector', () => {
  const folder = temporaryFolder();
  let base: string;
  let adaptors: string;
  let runner: AdaptiveRunner;
  let pictures: Pixels[];

  before(async () => {
    base = await writeFreshDetector(join(folder(), 'base'));
    adaptors = join(folder(), 'adaptors');
    for (const level of LEVELS) await writeDetectorAdaptor(base, adaptors, level);
    runner = await AdaptiveRunner.load({ checkpoint: base, adaptors });
    const dataset = await openDataset(OBJECTS);
    pictures = [];
    for (const sample of dataset.samples('val').slice(0, 3)) pictures.push(await dataset.readImage(sample));
  });
  after(() => runner.dispose());

  /** What an answer says, as one text. */
  const said = ({ objects, boxes }: Inference): string =>
    JSON.stringify({
      boxes,
      masks: objects!.masks,
      numbers: [...objects!.boxes, ...objects!.scores, ...objects!.classes],
    });

  it('reads the level of a JPEG from its tables, and answers with the adaptor of it', async () => {
    const levels: string[] = [];
    for (const quality of [5, 6, 19]) {
      const bytes = await jpeg(pictures[0]!, quality);
      const found = await runner.infer(bytes);
      expect([found.source, found.seen['jpeg']]).to.deep.equal(['detected', quality]);
      levels.push(found.level);
      const stated = await runner.infer(bytes, { level: found.level });
      expect(said(found)).to.equal(said(stated));
      const plain = await runner.infer(bytes, { level: 'clean' });
      expect(said(found)).to.not.equal(said(plain));
    }
    expect(levels).to.deep.equal(['jpeg=5', 'jpeg=5', 'jpeg=20']);
  });

  it('answers as a base of the merged weights does, bit for bit, whatever came before', async () => {
    const checkpoint = await loadCheckpoint(base);
    for (const level of ['jpeg=20', 'clean', 'jpeg=5']) {
      const adaptor = level === 'clean' ? undefined : await loadAdaptor(join(adaptors, level), checkpoint);
      const state = new Map([...checkpoint.state, ...(adaptor?.state ?? [])]);
      const network = createNetwork(checkpoint.config.network, { seed: null });
      const merged = join(folder(), `merged-${level}`);
      await saveCheckpoint(merged, checkpoint.config, state, network.parameters);
      network.dispose();
      const alone = await AdaptiveRunner.load({ checkpoint: merged });
      const expected = await alone.infer(pictures[1]!, { level: 'clean' });
      alone.dispose();
      expect(said(await runner.infer(pictures[1]!, { level })), level).to.equal(said(expected));
    }
  });

  it('answers levels in any order by one graph, without leaving a tensor or copying a weight', async () => {
    const order = ['clean', ...LEVELS];
    const first = new Map<string, string>();
    for (const level of order) first.set(level, said(await runner.infer(pictures[0]!, { level })));
    expect(new Set(first.values()).size).to.equal(3);
    const { numTensors, numBytes } = tf.memory();
    const { loaded } = await graphsIn(async () => {
      for (const level of [...order, ...order].reverse())
        expect(said(await runner.infer(pictures[0]!, { level })), level).to.equal(first.get(level));
    });
    expect(loaded).to.equal(0);
    expect([tf.memory().numTensors, tf.memory().numBytes]).to.deep.equal([numTensors, numBytes]);
  });

  it('answers a batch of several levels, and a frame that is none, as it answers one by one', async () => {
    const requests = [
      { frame: pictures[0]!, options: { level: 'jpeg=5' } },
      { frame: pictures[1]!, options: { level: 'clean' } },
      { frame: new Uint8Array([1, 2, 3]) },
      { frame: pictures[2]!, options: { level: 'jpeg=5' } },
    ];
    const answers = await runner.inferBatch(requests);
    expect(answers[2]).to.be.an('error').with.property('code', 'E_IMAGE_DECODE');
    for (const i of [0, 1, 3]) {
      const { frame, options } = requests[i]!;
      const [one, together] = [await runner.infer(frame, options), answers[i] as Inference];
      expect(together.level).to.equal(one.level);
      expect(together.boxes!.length, String(i)).to.equal(one.boxes!.length);
      const [a, b] = [one, together].map(({ objects }) => objects!);
      a!.scores.forEach((score, k) => expect(b!.scores[k], `score ${k} of ${i}`).to.be.closeTo(score, 1e-4));
    }
  });

  it('writes boxes of every frame of a video, and a video with them over it', async () => {
    const [clip, out, overlay] = ['clip.mp4', 'answers', 'overlay.mp4'].map((name) => join(folder(), name));
    const { width, height } = pictures[0]!;
    const writer = await VideoWriter.open(clip!, { width, height, frameRate: 5, crf: 18 });
    for (const [i, { data }] of pictures.entries()) await writer.write({ data, width, height, channels: 3 }, i / 5);
    await writer.close();
    const answers: FrameAnswer[] = [];
    const video = { source: clip!, name: 'clip' };
    const onAnswer = (answer: FrameAnswer): void => void answers.push(answer);
    const outcome = await inferVideo({ runner, video, out: out!, overlay: overlay!, level: 'jpeg=20', onAnswer });
    expect(outcome).to.deep.include({ frames: 3, stopped: false, levels: { 'jpeg=20': 3 } });

    const { frames } = await readAll(clip!);
    const names = (await readdir(join(out!, 'clip'))).sort();
    expect(names).to.deep.equal([1, 2, 3].flatMap((i) => [`00000${i}.json`, `00000${i}.png`]));
    for (const [i, { picture }] of frames.entries()) {
      const own = await runner.infer(picture, { level: 'jpeg=20' });
      expect(said(answers[i]!.inference), String(i)).to.equal(said(own));
      const text = await readFile(join(out!, 'clip', `00000${i + 1}.json`), 'utf8');
      const rows = JSON.parse(text) as { score: number; bbox: number[]; segmentation: object }[];
      expect(rows.map(({ score }) => Math.fround(score))).to.deep.equal([...own.objects!.scores].map(Math.fround));
      expect(rows[0]).to.include.keys('image_id', 'category_id', 'bbox', 'segmentation');
      const drawn = await decodeImage(await readFile(join(out!, 'clip', `00000${i + 1}.png`)), names[2 * i + 1]!);
      expect(Buffer.compare(drawn.data, picture.data), 'something is drawn').to.not.equal(0);
    }
    const shown = await readAll(overlay!);
    expect(shown.frames.map(({ time }) => Math.round(10 * time) / 10)).to.deep.equal([0, 0.2, 0.4]);
    const changed = shown.frames[0]!.picture.data.filter(
      (value, i) => Math.abs(value - frames[0]!.picture.data[i]!) > 40,
    );
    expect(changed.length).to.be.above(width * height * 0.02);
  });

  it('keeps the level of a stream, and takes adaptors in and lets them go', async () => {
    await writeDetectorAdaptor(base, join(folder(), 'later'), 'jpeg=90');
    expect(await runner.add(join(folder(), 'later', 'jpeg=90'))).to.equal('jpeg=90');
    const { level } = await runner.infer(await jpeg(pictures[0]!, 88), { stream: 'door' });
    expect(level).to.equal('jpeg=90');
    runner.remove('jpeg=90');
    const after = await runner.infer(await jpeg(pictures[0]!, 88), { stream: 'door' });
    expect(after.level).to.be.oneOf(['clean', ...LEVELS]);
    await cp(join(adaptors, 'jpeg=5'), join(folder(), 'again'), { recursive: true });
    expect(await runner.add(join(folder(), 'again'))).to.equal('jpeg=5');
    expect(runner.describe().adaptors.map((one) => one.level)).to.have.members(LEVELS);
  });
});
