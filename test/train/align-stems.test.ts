import { expect } from 'chai';
import { join } from 'node:path';
import { openDataset } from '../../src/data/registry.js';
import { startEngine, type Engine } from '../../src/engine/start.js';
import { loadCheckpoint } from '../../src/models/checkpoint.js';
import { importOnnx } from '../../src/models/onnx/index.js';
import type { StateDict } from '../../src/models/state-dict.js';
import { alignedStems } from '../../src/train/align-stems.js';
import { temporaryFolder } from '../data/support/folders.js';
import { tinyFile } from '../models/onnx/support/tiny.js';
import { onTensorflow } from '../support/engines.js';
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

  const aligned = (checkpoint: string, level: string): Promise<StateDict> =>
    alignedStems({
      ...{ checkpoint, data: 'scenes:7@64x64', level, engine, seed: 0 },
      ...{ samples: { split: 'train', start: 0, end: 4 }, batch: 2, flip: false },
    });

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

  it('are none of a network whose layers are not known by what they read', async () => {
    expect((await aligned(join(ROOT, 'checkpoints/demo'), 'brightness=0.3')).size).to.equal(0);
  });
});
