import { expect } from 'chai';
import * as tf from '@tensorflow/tfjs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAdaptor } from '../../src/adaptor/file.js';
import { openDataset } from '../../src/data/registry.js';
import { evaluateLevels } from '../../src/eval/levels.js';
import { createPredictor } from '../../src/eval/predictor.js';
import type { Pixels } from '../../src/image/pixels.js';
import { loadCheckpoint, networkOf } from '../../src/models/checkpoint.js';
import { segmentationTask } from '../../src/tasks/segmentation/task.js';
import type { Inference } from '../../src/serve/inference.js';
import { AdaptiveRunner } from '../../src/serve/runner.js';
import { onEngines, onTensorflow } from '../support/engines.js';
import { crop, differing, graphsIn, jpeg, same, scene } from './support/frames.js';

const DEMO = 'checkpoints/demo';
const ADAPTORS = `${DEMO}/adaptors`;

onEngines('adaptive runner', () => {
  let runner: AdaptiveRunner;
  let small: Pixels;
  before(async () => {
    runner = await AdaptiveRunner.load({ checkpoint: DEMO, adaptors: ADAPTORS });
    small = crop(await scene(), 64, 96);
  });
  after(() => runner.dispose());

  it('answers every level as a base with that adaptor alone does, bit for bit, whatever came before', async () => {
    const checkpoint = await loadCheckpoint(DEMO);
    for (const level of ['jpeg=5', 'brightness=0.3', 'jpeg=5', 'clean', 'jpeg=20']) {
      const { mask } = await runner.infer(small, { level });
      const alone = await AdaptiveRunner.load({
        checkpoint: DEMO,
        adaptors: level === 'clean' ? undefined : join(ADAPTORS, level),
      });
      const expected = await alone.infer(small, { level });
      alone.dispose();
      expect(Buffer.compare(mask, expected.mask), level).to.equal(0);
      // The same function by another way: the adaptor's tensors in the base's checkpoint.
      const adaptor = level === 'clean' ? undefined : await loadAdaptor(join(ADAPTORS, level), checkpoint);
      const network = networkOf({ ...checkpoint, state: new Map([...checkpoint.state, ...(adaptor?.state ?? [])]) });
      const { ignore } = checkpoint.config;
      const predictor = createPredictor(network, segmentationTask(ignore));
      const plain = predictor.predict({ images: small.data, batch: 1, width: 96, height: 64 })[0]!.data;
      const others = plain.reduce((count, id, i) => count + (id === mask[i] ? 0 : 1), 0);
      expect(others, level).to.be.at.most(3);
      predictor.dispose();
      network.dispose();
    }
  });

  it('answers levels in any order without leaving a tensor behind', async () => {
    const levels = ['clean', ...runner.levels];
    const first = new Map<string, Inference>();
    for (const level of levels) first.set(level, await runner.infer(small, { level }));
    expect(new Set([...first.values()].map(({ mask }) => Buffer.from(mask).toString('base64'))).size).to.be.above(3);
    const before = tf.memory().numTensors;
    for (const level of [...levels].reverse()) {
      const again = await runner.infer(small, { level });
      expect(again.level).to.equal(level);
      expect(same(again, first.get(level)!), level).to.equal(true);
    }
    expect(tf.memory().numTensors).to.equal(before);
  });
});

onTensorflow('adaptive runner: frames, streams, adaptors', function () {
  let runner: AdaptiveRunner;
  let whole: Pixels;
  let folder: string;
  before(async () => {
    runner = await AdaptiveRunner.load({ checkpoint: DEMO, adaptors: ADAPTORS });
    whole = await scene();
    folder = await mkdtemp(join(tmpdir(), 'gearnn-runner-'));
  });
  after(async () => {
    await rm(folder, { recursive: true, force: true });
    runner.dispose();
  });

  it('reads the level of a JPEG from the file, and takes the nearest adaptor', async () => {
    for (const [quality, level] of [
      [5, 'jpeg=5'],
      [6, 'jpeg=5'],
      [11, 'jpeg=10'],
      [21, 'jpeg=20'],
      [90, 'jpeg=90'],
    ] as const) {
      const answer = await runner.infer(await jpeg(whole, quality));
      expect(answer).to.include({ level, source: 'detected', confidence: 1, width: whole.width, height: whole.height });
      expect(answer.seen).to.deep.equal({ jpeg: quality });
      expect(answer.mask).to.have.length(whole.width * whole.height);
      for (const part of Object.values(answer.timings)) expect(part).to.be.at.least(0);
    }
  });

  it('scores as gearnn eval does, exactly', async () => {
    const [row] = (
      await evaluateLevels({
        checkpoint: DEMO,
        adaptors: join(ADAPTORS, 'jpeg=5'),
        data: 'scenes:7',
        split: 'val',
        samples: ['val/0000'],
        levels: ['jpeg=5'],
      })
    ).filter(({ method }) => method === 'adaptor');
    const dataset = await openDataset('scenes:7');
    const [sample] = dataset.samples('val');
    const { mask } = await runner.infer(await jpeg(whole, 5));
    const label = (await dataset.readLabel(sample!)).data;
    const counted = label.reduce((sum, id) => sum + (id === dataset.ignore ? 0 : 1), 0);
    const right = label.reduce((sum, id, i) => sum + (id !== dataset.ignore && id === mask[i] ? 1 : 0), 0);
    expect(right / counted).to.equal(row!.pixelAccuracy);
  });

  it('keeps a stream at its level near the border, and a stated level until it is taken back', async () => {
    const [ten, middle] = [await jpeg(whole, 10), await jpeg(whole, 14)];
    const alone = (await runner.infer(middle)).level;
    expect((await runner.infer(ten, { stream: 'a' })).level).to.equal('jpeg=10');
    const next = await runner.infer(middle, { stream: 'a' });
    expect([alone, next.level]).to.include('jpeg=10');
    runner.state('a', 'jpeg=50');
    expect(await runner.infer(ten, { stream: 'a' })).to.include({ level: 'jpeg=50', source: 'stated', confidence: 1 });
    runner.state('a', null);
    expect((await runner.infer(ten, { stream: 'a' })).level).to.equal('jpeg=10');
    expect(runner.log('a').map(({ to }) => to)).to.deep.equal(['jpeg=10', 'jpeg=50', 'jpeg=10']);
    runner.forget('a');
    expect(runner.log('a')).to.deep.equal([]);
  });

  it('forgets a stream before the frame that begins it, and after the one that ends it, whatever becomes of that', async () => {
    const frame = crop(whole, 40, 56);
    const levels = (): (string | null)[] => runner.log('b').map(({ to }) => to);
    await runner.infer(frame, { stream: 'b', level: 'jpeg=5' });
    await runner.inferBatch([
      { frame, options: { stream: 'b', level: 'jpeg=10' } },
      { frame, options: { stream: 'b', level: 'jpeg=50', start: true } },
      { frame, options: { stream: 'b', level: 'jpeg=20' } },
    ]);
    expect(levels()).to.deep.equal(['jpeg=50', 'jpeg=20']);
    await runner.infer(new Uint8Array([1, 2, 3]), { stream: 'b', end: true }).catch(() => undefined);
    expect(levels()).to.deep.equal([]);
  });

  it('answers a batch as it answers one by one, and an error in the place of a frame that is none', async () => {
    const frames = [await jpeg(whole, 5), await jpeg(whole, 50), new Uint8Array([1, 2, 3]), await jpeg(whole, 5)];
    const small = crop(whole, 40, 56);
    const answers = await runner.inferBatch([
      ...frames.map((frame) => ({ frame })),
      { frame: small, options: { level: 'jpeg=5' } },
      { frame: small, options: { level: 'sepia=3' } },
      { frame: { ...small, width: 57 } },
    ]);
    expect(answers[2]).to.have.property('code', 'E_IMAGE_DECODE');
    expect(answers[5]).to.have.property('code', 'E_DISTORT_LEVEL');
    expect(answers[6]).to.have.property('code', 'E_SHAPE');
    for (const i of [0, 1, 3]) {
      if (answers[i] instanceof Error) throw answers[i];
      const one = await runner.infer(frames[i]!);
      // A batch may round otherwise than one frame.
      expect(differing(one, answers[i] as Inference), `frame ${i}`).to.be.at.most(one.mask.length / 1000);
    }
    expect(same(answers[4] as Inference, await runner.infer(small, { level: 'jpeg=5' }))).to.equal(true);
  });

  it('holds the weights once for all sizes of frames', async () => {
    const fresh = await AdaptiveRunner.load({ checkpoint: DEMO, adaptors: ADAPTORS });
    const { loaded } = await graphsIn(async () => {
      const before = tf.memory().numTensors;
      for (let i = 0; i < 5; i++) {
        const frame = crop(whole, 40 + 8 * i, 64 - 8 * (i % 3));
        const { mask } = await fresh.infer(frame, { level: 'jpeg=10' });
        expect(same({ mask } as Inference, await runner.infer(frame, { level: 'jpeg=10' }))).to.equal(true);
      }
      expect(tf.memory().numTensors).to.equal(before);
    });
    fresh.dispose();
    // One for each of the two runners, the other of which may have it already.
    expect(loaded).to.be.within(1, 2);
  });

  it('answers levels that come together each in a run of its own, by one graph: the very answers of one by one', async () => {
    const fresh = await AdaptiveRunner.load({ checkpoint: DEMO, adaptors: ADAPTORS });
    const small = crop(whole, 48, 80);
    const levels = ['jpeg=5', 'clean', 'brightness=0.3', 'jpeg=90'];
    const alone = await Promise.all(levels.map((level) => runner.infer(small, { level })));
    const counts = await graphsIn(async () => {
      for (const order of [
        [0, 1],
        [3, 2, 1, 0],
      ]) {
        const answers = await fresh.inferBatch(order.map((i) => ({ frame: small, options: { level: levels[i]! } })));
        answers.forEach((answer, k) => {
          if (answer instanceof Error) throw answer;
          expect(answer.level).to.equal(levels[order[k]!]);
          expect(same(answer, alone[order[k]!]!), `${order} ${k}`).to.equal(true);
        });
      }
    });
    expect(counts).to.deep.equal({ loaded: 1, runs: 6 });
    fresh.dispose();
  });

  it('takes adaptors in and lets them go while it runs', async () => {
    const fresh = await AdaptiveRunner.load({ checkpoint: DEMO });
    const frame = await jpeg(whole, 5);
    const base = await fresh.infer(frame, { stream: 's' });
    expect(base.level).to.equal('clean');
    expect(await fresh.add(join(ADAPTORS, 'jpeg=5'))).to.equal('jpeg=5');
    const adapted = await fresh.infer(frame, { stream: 's' });
    expect(adapted.level).to.equal('jpeg=5');
    expect(same(base, adapted)).to.equal(false);
    fresh.remove('jpeg=5');
    expect(same(await fresh.infer(frame, { stream: 's' }), base)).to.equal(true);
    expect(() => fresh.remove('jpeg=5'))
      .to.throw('resident level')
      .with.property('code', 'E_ADAPTOR_LEVEL');
    fresh.dispose();
  });

  it('refuses adaptors of another base, and goes on as before', async () => {
    const other = join(folder, 'jpeg=5');
    await cp(join(ADAPTORS, 'jpeg=5'), other, { recursive: true });
    const path = join(other, 'adaptor_config.json');
    const config = JSON.parse(await readFile(path, 'utf8')) as { base: string };
    await writeFile(path, JSON.stringify({ ...config, base: '0'.repeat(config.base.length) }));
    const tensors = tf.memory().numTensors;
    const error = await AdaptiveRunner.load({ checkpoint: DEMO, adaptors: folder }).catch((reason: Error) => reason);
    expect(error).to.have.property('code', 'E_ADAPTOR_BASE_MISMATCH');
    expect(tf.memory().numTensors).to.equal(tensors);
  });

  it('describes what is resident', () => {
    const { name, network, adaptors, parameters, residentBytes, engine, classes, trained } = runner.describe();
    expect({ name, network, engine: engine.name }).to.deep.equal({
      name: 'demo',
      network: 'drn-d-22',
      engine: 'tensorflow',
    });
    expect(residentBytes.base).to.equal(parameters * 4);
    expect(residentBytes.adaptors).to.equal(adaptors.reduce((sum, one) => sum + one.parameters, 0) * 4);
    expect(adaptors.map(({ level }) => level)).to.include.members(['jpeg=5', 'brightness=0.3']);
    expect(classes.length).to.be.above(3);
    expect(trained).to.deep.equal({ height: 128, width: 256 });
  });
});
