import { expect } from 'chai';
import { join } from 'node:path';
import { openDataset } from '../../src/data/registry.js';
import { startEngine, type Engine } from '../../src/engine/start.js';
import { loadCheckpoint } from '../../src/models/checkpoint.js';
import { importOnnx } from '../../src/models/onnx/index.js';
import type { StateDict } from '../../src/models/state-dict.js';
import { loadAdaptor } from '../../src/adaptor/file.js';
import { finetune } from '../../src/train/finetune.js';
import { temporaryFolder } from '../data/support/folders.js';
import { tinyFile } from '../models/onnx/support/tiny.js';
import { onTensorflow } from '../support/engines.js';
import { expectFailure } from '../support/failure.js';
import { ROOT } from '../support/sources.js';

onTensorflow('train: first layers that are aligned', () => {
  const folder = temporaryFolder();
  let engine: Engine;

  before(async () => {
    engine = await startEngine({ engine: 'tensorflow' });
    const classes = (await openDataset('scenes:7@64x64')).classes.map(({ name }) => name);
    await importOnnx({
      ...{ file: tinyFile(classes.length), out: join(folder(), 'base'), task: 'segmentation', classes },
      ...{ mean: [0, 0, 0], std: [1, 1, 1] },
    });
  });

  let count = 0;

  /** What first layers are aligned to, saved without a step of training. */
  const aligned = async (checkpoint: string, level: string, view: object = {}): Promise<StateDict> => {
    const out = join(folder(), `aligned-${count++}`);
    const { record } = await finetune({
      ...{ checkpoint, data: 'scenes:7@64x64', level, engine, seed: 0, out, objective: 'teacher' },
      ...{ adapt: 'stems', start: 'aligned', steps: 0 },
      ...{ samples: { split: 'train', start: 0, end: 4 }, batch: 2, flip: false, ...view },
    });
    expect(record).to.deep.include({ steps: 0, history: [] });
    return (await loadAdaptor(out, await loadCheckpoint(checkpoint))).state;
  };

  it('take back that pictures are dimmed: all of it, and in the layers alone that read them', async () => {
    const checkpoint = join(folder(), 'base');
    const tensors = await aligned(checkpoint, 'brightness=0.3');
    expect([...tensors.keys()]).to.deep.equal(['norm.scale', 'norm.shift']);
    const { state } = await loadCheckpoint(checkpoint);
    // Pixels are whole numbers, which 0.3 of others are nearly.
    tensors
      .get('norm.scale')!
      .data.forEach((value, i) => expect(value / state.get('norm.scale')!.data[i]!).to.be.closeTo(1 / 0.3, 0.05));
  });

  it('stay where they are where nothing is distorted', async () => {
    const checkpoint = join(folder(), 'base');
    const { state } = await loadCheckpoint(checkpoint);
    for (const [name, { data }] of await aligned(checkpoint, 'clean'))
      data.forEach((value, i) => expect(value, name).to.be.closeTo(state.get(name)!.data[i]!, 1e-3));
  });

  it('are those of a network that has a name too, by its own running statistics', async () => {
    const checkpoint = join(ROOT, 'checkpoints/demo');
    const tensors = await aligned(checkpoint, 'brightness=0.3');
    expect([...tensors.keys()]).to.deep.equal(['base.0.1.weight', 'base.0.1.bias']);
    const { state } = await loadCheckpoint(checkpoint);
    tensors
      .get('base.0.1.weight')!
      .data.forEach((value, i) =>
        expect(value / state.get('base.0.1.weight')!.data[i]!, String(i)).to.be.closeTo(1 / 0.3, 0.1),
      );
  });

  it('look at pictures alone, whatever frame training would put them into', async () => {
    const checkpoint = join(ROOT, 'checkpoints/demo');
    const plain = await aligned(checkpoint, 'brightness=0.3', { size: [64, 64], scale: [1, 1] });
    expect(await aligned(checkpoint, 'brightness=0.3', { size: [128, 160], scale: [0.5, 0.5] })).to.deep.equal(plain);
  });

  it('are where training starts: the first step moves them from there', async () => {
    const checkpoint = join(ROOT, 'checkpoints/demo');
    const level = 'brightness=0.3';
    const tensors = await aligned(checkpoint, level);
    const tuned = async (start?: string): Promise<StateDict> => {
      const out = join(folder(), `tuned-${count++}`);
      await finetune({
        ...{ checkpoint, data: 'scenes:7@64x64', level, engine, seed: 0, out, objective: 'teacher' },
        ...{ adapt: 'affine', start, steps: 1, learningRate: 1e-6 },
        ...{ samples: { split: 'train', start: 0, end: 4 }, batch: 2, size: [64, 64], scale: [1, 1], flip: false },
      });
      return (await loadAdaptor(out, await loadCheckpoint(checkpoint))).state;
    };
    const from = await tuned('aligned');
    for (const [name, { data }] of tensors)
      data.forEach((value, i) => expect(from.get(name)!.data[i], name).to.be.closeTo(value, 1e-3));
    const { state } = await loadCheckpoint(checkpoint);
    const [name] = tensors.keys();
    (await tuned())
      .get(name!)!
      .data.forEach((value, i) => expect(value).to.be.closeTo(state.get(name!)!.data[i]!, 1e-3));
  });

  it('no step is taken of nothing: steps of 0 ask for a start that is there', async () => {
    const usual = {
      checkpoint: join(ROOT, 'checkpoints/demo'),
      data: 'scenes:7@64x64',
      level: 'jpeg=5',
      engine,
      seed: 0,
    };
    const out = join(folder(), 'refused');
    await expectFailure(finetune({ ...usual, out, steps: 0 }), 'E_USAGE', 'from 1 on');
    await expectFailure(finetune({ ...usual, out, start: join(folder(), 'none') }), 'E_ADAPTOR', 'none');
  });
});
