import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AdaptorBank } from '../../src/adaptor/bank.js';
import { loadAdaptor } from '../../src/adaptor/file.js';
import { openDataset } from '../../src/data/registry.js';
import { distort } from '../../src/distort/distort.js';
import { parseLevel } from '../../src/distort/level.js';
import { startEngine, type Engine } from '../../src/engine/start.js';
import { ConfusionMatrix } from '../../src/tasks/segmentation/confusion.js';
import { scoresOf } from '../../src/tasks/segmentation/iou.js';
import { evaluateLevels, type LevelRow } from '../../src/eval/levels.js';
import { createPredictor, type Frames } from '../../src/eval/predictor.js';
import type { Pixels } from '../../src/image/pixels.js';
import { resizePixels } from '../../src/image/resize.js';
import { type Checkpoint, loadCheckpoint, networkOf } from '../../src/models/checkpoint.js';
import { segmentationTask } from '../../src/tasks/segmentation/task.js';
import { splitCheckpoints } from '../../src/select/split-checkpoints.js';
import { AdaptiveRunner } from '../../src/serve/runner.js';
import { finetune } from '../../src/train/finetune.js';
import { trainBase } from '../../src/train/train-base.js';
import { useEngine } from '../support/engines.js';

const DATA = 'scenes:7@48x64';
const SIZE = { width: 64, height: 48 };
/** Sides that are no multiples of the network's stride. */
const LEVEL = 'resolution=36x26';
const slice = (end: number, split = 'train') => ({ split, start: 0, end });
const frameOf = ({ data, width, height }: Pixels): Frames => ({ images: data, batch: 1, width, height });

/** An adaptor of a resolution, fine-tuned from a base, from its file to the answers. */
describe('serve: an adaptor of a resolution', function () {
  this.timeout(300_000);
  let folder: string;
  let engine: Engine;
  let base: Checkpoint;
  let pictures: { small: Pixels; label: Uint8Array }[];
  const at = (...path: string[]): string => join(folder, ...path);

  before(async function () {
    await useEngine(this, 'tensorflow');
    engine = await startEngine({ engine: 'tensorflow' });
    folder = await mkdtemp(join(tmpdir(), 'gearnn-resolution-'));
    const shared = { engine, data: DATA, samples: slice(4), batch: 2, epochs: 1, seed: 2 };
    await trainBase({ ...shared, model: 'drn-d-22', width: 0.125, size: [32, 48], out: at('base') });
    const tuning = { ...shared, checkpoint: at('base'), level: LEVEL };
    const full = await finetune({ ...tuning, validate: slice(1, 'val'), out: at('full', LEVEL) });
    // The whole picture, made up to multiples of 8; the base was trained on 32x48.
    expect(full.record.settings).to.include({ size: '32x40', border: 'mirror' });
    expect(full.record.history[0]!.miou).to.be.within(0, 1);
    base = await loadCheckpoint(at('base'));
    const { split } = await splitCheckpoints({ base: at('base'), tuned: at('full', LEVEL), budget: '1%' });
    await finetune({ ...tuning, learningRate: 0.05, split, out: at('adaptors', LEVEL) });
    const dataset = await openDataset(DATA);
    pictures = await Promise.all(
      dataset
        .samples('val')
        .slice(0, 2)
        .map(async (sample) => ({
          small: await distort(await dataset.readImage(sample), parseLevel(LEVEL)),
          label: (await dataset.readLabel(sample)).data,
        })),
    );
  });
  after(() => folder && rm(folder, { recursive: true, force: true }));

  it('answers frames of about its size, and the base those of the original size', async () => {
    const runner = await AdaptiveRunner.load({ checkpoint: at('base'), adaptors: at('adaptors'), size: SIZE });
    try {
      expect(runner.describe().adaptors.map(({ level }) => level)).to.deep.equal([LEVEL]);
      const sized = (size: { width: number; height: number }): Pixels => resizePixels(pictures[0]!.small, size);
      for (const [frame, level] of [
        [pictures[0]!.small, LEVEL],
        [sized({ width: 40, height: 30 }), LEVEL],
        [sized({ width: 16, height: 12 }), LEVEL],
        [sized({ width: 60, height: 44 }), 'clean'],
        [sized(SIZE), 'clean'],
      ] as const) {
        const answer = await runner.infer(frame, { stream: `${frame.width}` });
        expect(answer, `${frame.width}`).to.include({ level, width: frame.width, height: frame.height });
        expect(answer.source).to.equal('detected');
        expect(answer.mask).to.have.length(frame.width * frame.height);
      }
      const stated = await runner.infer(pictures[0]!.small, { level: 'resolution=0.5x' });
      expect(stated).to.include({ level: LEVEL, source: 'stated' });
    } finally {
      runner.dispose();
    }
  });

  for (const inferSize of ['received', 'original'] as const) {
    it(`is scored over all pixels of the labels, with pictures at the ${inferSize} size`, async () => {
      const rows = await evaluateLevels({
        ...{ checkpoint: at('base'), adaptors: at('adaptors'), tuned: at('full') },
        ...{ data: DATA, split: 'val', samples: ['val/0000', 'val/0001'], levels: [LEVEL], inferSize },
      });
      expect(rows.map(({ method }) => method)).to.deep.equal(['original', 'adaptor', 'switching']);
      const network = networkOf(base);
      const bank = new AdaptorBank(network);
      bank.add(LEVEL, (await loadAdaptor(at('adaptors', LEVEL), base)).state);
      const predictor = createPredictor(network, segmentationTask(255));
      for (const method of ['original', 'adaptor'] as const) {
        bank.swap(method === 'adaptor' ? LEVEL : null);
        const confusion = new ConfusionMatrix(network.spec.classes);
        for (const { small, label } of pictures) {
          const frame = frameOf(inferSize === 'received' ? small : resizePixels(small, SIZE));
          confusion.add(label, predictor.predict(frame, SIZE)[0]!.data, 255);
        }
        const row = rows.find((one: LevelRow) => one.method === method)!;
        const expected = scoresOf(confusion);
        expect(confusion.counts.reduce((sum, count) => sum + count, 0)).to.be.above(0.9 * 2 * 64 * 48);
        expect(row.miou, method).to.be.closeTo(expected.miou, 2e-3);
        expect(row.pixelAccuracy, method).to.be.closeTo(expected.pixelAccuracy, 1e-3);
      }
      predictor.dispose();
      bank.dispose();
      network.dispose();
    });
  }

  it('the two sizes give different answers, and neither leaves tensors behind', () => {
    const [{ small }] = pictures as [(typeof pictures)[0]];
    const network = networkOf(base);
    const predictor = createPredictor(network, segmentationTask(255));
    const [received, original] = [
      predictor.predict(frameOf(small), SIZE),
      predictor.predict(frameOf(resizePixels(small, SIZE)), SIZE),
    ];
    expect([...received]).not.to.deep.equal([...original]);
    const { numTensors } = tf.memory();
    predictor.predict(frameOf(small), SIZE);
    expect(tf.memory().numTensors).to.equal(numTensors);
    predictor.dispose();
    network.dispose();
  });
});
