import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { saveAdaptor } from '../../src/adaptor/file.js';
import { openDataset } from '../../src/data/registry.js';
import { openSource } from '../../src/data/source.js';
import { parseLevel } from '../../src/distort/level.js';
import { prepare } from '../../src/distort/prepare.js';
import { ConfusionMatrix } from '../../src/tasks/segmentation/confusion.js';
import { evaluate } from '../../src/eval/evaluate.js';
import { scoresOf } from '../../src/tasks/segmentation/iou.js';
import { evaluateLevels } from '../../src/eval/levels.js';
import { createPredictor } from '../../src/eval/predictor.js';
import { loadCheckpoint, networkOf } from '../../src/models/checkpoint.js';
import { segmentationTask } from '../../src/tasks/segmentation/task.js';
import { writeCheckpoint } from '../support/checkpoints.js';
import { ENGINE_NAMES, useEngine } from '../support/engines.js';
import { expectFailure } from '../support/failure.js';

const DATA = 'scenes:7@32x48';

describe('evaluation per level', () => {
  let folder: string;
  let samples: string[];
  let base: string;

  before(async function () {
    // The fastest engine there is; what is tested here is the same on all.
    await useEngine(this, process.env['CI'] ? 'tensorflow' : ENGINE_NAMES[1]!);
    folder = await mkdtemp(join(tmpdir(), 'gearnn-levels-'));
    base = join(folder, 'base');
    const { classes } = await openDataset(DATA);
    samples = (await openDataset(DATA))
      .samples('val')
      .slice(0, 2)
      .map(({ id }) => id);
    const network = { name: 'drn-d-22', classes: classes.length, width: 0.125 };
    const hash = await writeCheckpoint(base, { network, classes });
    const { state } = await loadCheckpoint(base);
    const bias = { shape: [classes.length], data: new Float32Array(classes.length).fill(0) };
    bias.data[3] = 1e6;
    await saveAdaptor(
      join(folder, 'adaptors', 'jpeg=10'),
      {
        level: 'jpeg=10',
        base: hash,
        network,
        classes,
        items: [{ name: 'seg.bias', tensors: ['seg.bias'], size: classes.length }],
        parameters: classes.length,
        budget: { text: '20', parameters: 20 },
        training: {},
      },
      new Map(state).set('seg.bias', bias),
    );
  });

  after(() => rm(folder, { recursive: true, force: true }));

  it('counts the very pixels that the predictor and the labels give', async () => {
    const checkpoint = await loadCheckpoint(base);
    const network = networkOf(checkpoint);
    const predictor = createPredictor(network, segmentationTask(255));
    const dataset = await openDataset(DATA);
    const confusion = new ConfusionMatrix(dataset.classes.length);
    for (const sample of dataset.samples('val').slice(0, 2)) {
      const { data: images, height, width } = await dataset.readImage(sample);
      confusion.add(
        (await dataset.readLabel(sample)).data,
        predictor.predict({ images, batch: 1, height, width })[0]!.data,
        255,
      );
    }
    const result = await evaluate({ network, predictor, source: openSource(DATA), split: 'val', samples });
    const expected = scoresOf(confusion);
    expect(result.miou).to.equal(expected.miou);
    expect([...result.iou!]).to.deep.equal([...expected.iou!]);
    expect(result.images).to.equal(2);
    predictor.dispose();
    network.dispose();
  });

  it('scores each level with its own adaptor and gives the base back after it', async () => {
    const rows = await evaluateLevels({
      checkpoint: base,
      adaptors: join(folder, 'adaptors'),
      data: DATA,
      split: 'val',
      samples,
      levels: ['jpeg=10', 'clean', 'jpeg=10'],
    });
    expect(rows.map(({ method, level }) => `${level} ${method}`)).to.deep.equal([
      'jpeg=10 original',
      'jpeg=10 adaptor',
      'clean original',
      'jpeg=10 original',
      'jpeg=10 adaptor',
    ]);
    // The adaptor answers class 3 everywhere: its IoU is that class's share, all others' 0.
    expect([...rows[1]!.iou!].filter((value, id) => id !== 3 && value > 0)).to.deep.equal([]);
    expect(rows[1]!.iou![3]).to.be.greaterThan(0);
    expect([...rows[3]!.iou!]).to.deep.equal([...rows[0]!.iou!]);
    expect(rows[1]!.parameters - rows[0]!.parameters).to.equal(rows[0]!.iou!.length);
  });

  it('reads a level from a prepared copy with the same result as distorting in memory', async () => {
    const out = join(folder, 'prepared');
    await prepare({ dataset: await openDataset(DATA), levels: [parseLevel('jpeg=20')], out, splits: ['val'] });
    const common = { checkpoint: base, data: DATA, split: 'val', levels: ['jpeg=20'] };
    const inMemory = await evaluateLevels({ ...common, samples });
    const all = await openDataset(`list:${join(out, 'jpeg=20')}`);
    const prepared = await evaluateLevels({
      ...common,
      prepared: out,
      samples: all
        .samples('val')
        .slice(0, 2)
        .map(({ id }) => id),
    });
    expect([...prepared[0]!.iou!]).to.deep.equal([...inMemory[0]!.iou!]);
  });

  it('refuses copies of another dataset, and a folder of full fine-tunes that is none', async () => {
    const out = join(folder, 'others');
    await prepare({
      dataset: await openDataset('scenes:8@32x48'),
      levels: [parseLevel('jpeg=20')],
      out,
      splits: ['val'],
    });
    const common = { checkpoint: base, data: DATA, split: 'val', samples, levels: ['jpeg=20'] };
    await expectFailure(
      evaluateLevels({ ...common, prepared: out }),
      'E_USAGE',
      join(out, 'jpeg=20'),
      'scenes:8@32x48',
    );
    const tuned = join(folder, 'nowhere');
    await expectFailure(evaluateLevels({ ...common, tuned }), 'E_CHECKPOINT', tuned, 'no such folder');
  });

  it('refuses data with another number of classes', async () => {
    const other = join(folder, 'two-classes');
    await writeCheckpoint(other);
    const failure = evaluateLevels({ checkpoint: other, data: DATA, split: 'val', samples, levels: ['clean'] });
    await failure.then(
      () => expect.fail('no error'),
      (error: { code: string }) => expect(error.code).to.equal('E_EVAL_CLASSES'),
    );
  });
});
