import { expect } from 'chai';
import { join } from 'node:path';
import { openDataset } from '../../src/data/registry.js';
import { startEngine } from '../../src/engine/start.js';
import { importOnnx } from '../../src/models/onnx/index.js';
import { loadStateDict, stateDict, type StateDict } from '../../src/models/state-dict.js';
import { segmentationTask } from '../../src/tasks/segmentation/task.js';
import { tensors } from '../../src/train/adaptations/items.js';
import { fit, type FitOptions } from '../../src/train/fit.js';
import { gradientsOf, lossGradients } from '../../src/train/loss-gradients.js';
import { temporaryFolder } from '../data/support/folders.js';
import { tinyFile } from '../models/onnx/support/tiny.js';
import { onEngines, onTensorflow } from '../support/engines.js';
import { tinyNetwork } from './support/tiny.js';
import { SETTINGS } from './support/tiny-run.js';

/** A tiny network whose running statistics are not those of any batch. */
function start(): StateDict {
  const network = tinyNetwork();
  const state = stateDict(network);
  state.get('norm.running_mean')!.data.set([0.3, -0.4, 0.5, 0.1]);
  state.get('norm.running_var')!.data.set([0.7, 1.3, 0.9, 1.6]);
  network.dispose();
  return state;
}

function optionsOf(state: StateDict): FitOptions {
  const network = tinyNetwork();
  loadStateDict(network, state);
  return { network, task: segmentationTask(255), settings: { ...SETTINGS, epochs: 1 } };
}

/** Mean loss of an epoch with nothing trained. */
async function lossAt(state: StateDict): Promise<number> {
  const options = optionsOf(state);
  const { epochs } = await fit({ ...options, adaptation: tensors(new Set()) });
  options.network.dispose();
  return epochs[0]!.loss;
}

onEngines(
  'train: gradients of the loss',
  () => {
    it('equal finite differences for every tensor, running statistics included, in the layout of a checkpoint', async () => {
      const state = start();
      const options = optionsOf(state);
      const gradients = await gradientsOf(options);
      options.network.dispose();
      expect([...gradients.keys()]).to.deep.equal([...state.keys()]);
      for (const [name, { shape, data }] of state) {
        expect(gradients.get(name)!.shape).to.deep.equal(shape);
        const at = data.length >> 1;
        const moved = (by: number): Promise<number> => {
          const changed = Float32Array.from(data);
          changed[at]! += by;
          return lossAt(new Map([...state, [name, { shape, data: changed }]]));
        };
        const difference = ((await moved(1e-2)) - (await moved(-1e-2))) / 2e-2;
        expect(gradients.get(name)!.data[at], name).to.be.closeTo(difference, 0.02 * Math.abs(difference) + 5e-4);
      }
    });
  },
  ['tensorflow'],
);

onTensorflow('train: gradients of the loss of an ONNX file', () => {
  const folder = temporaryFolder();

  it('reach scales and shifts of layers whose normalization is folded into them, beside a normalization that is left', async () => {
    const checkpoint = join(folder(), 'base');
    const engine = await startEngine({ engine: 'tensorflow' });
    const scenes = 'scenes:7@64x64';
    const classes = (await openDataset(scenes)).classes.map(({ name }) => name);
    await importOnnx({
      ...{ file: tinyFile(classes.length), out: checkpoint, task: 'segmentation', classes },
      mean: [0.5, 0.5, 0.5],
      std: [0.25, 0.25, 0.25],
    });
    const gradients = await lossGradients({
      ...{ checkpoint, data: scenes, level: 'jpeg=5', objective: 'teacher', engine, seed: 0 },
      ...{ samples: { split: 'train', start: 0, end: 4 }, batch: 2 },
    });
    for (const name of ['body.scale', 'body.shift', 'norm.scale', 'norm.mean', 'norm.variance']) {
      const { data } = gradients.get(name)!;
      expect([...data].every(Number.isFinite), name).to.equal(true);
      expect(Math.max(...data.map(Math.abs)), name).to.be.above(0);
    }
  });
});
