import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { ENGINES } from '../../src/engine/engines/registry.js';
import { startEngine } from '../../src/engine/start.js';
import { Convolution } from '../../src/models/layers.js';
import { isLearned, type Network } from '../../src/models/network.js';
import { parametersOf } from '../../src/models/layered-network.js';
import { loadStateDict, stateDict } from '../../src/models/state-dict.js';
import { segmentationTask } from '../../src/tasks/segmentation/task.js';
import { tensors } from '../../src/train/adaptations/items.js';
import { learningRateAt } from '../../src/train/schedule.js';
import { createStep, type TrainingStep } from '../../src/train/training-step.js';
import type { FitOptions } from '../../src/train/fit-options.js';
import { REFERENCE, stateOf } from './support/reference.js';
import { tinyNetwork } from './support/tiny.js';
import { SETTINGS } from './support/tiny-run.js';
import { missing } from '../support/tools.js';

const { rate, momentum, weightDecay, ignore } = REFERENCE.settings;
const TASK = segmentationTask(ignore);

/** A run that trains what is named; all of the network unless said. */
function optionsOf(network: Network, trainable?: ReadonlySet<string>, decay = weightDecay): FitOptions {
  return {
    ...{ network, task: TASK, precision: 'fp32' },
    ...(trainable && { adaptation: tensors(trainable) }),
    settings: { ...SETTINGS, momentum, weightDecay: decay },
  };
}

/** One optimizer step on the fixture's images; gives the loss. */
function take(step: TrainingStep, index: number, learningRate: number): number {
  return tf.tidy(() => {
    const images = tf.tensor4d(REFERENCE.images[index]!, [2, 6, 8, 3], 'int32');
    const labels = tf.tensor3d(REFERENCE.labels[index]!, [2, 6, 8], 'int32');
    return step.run({ views: { distorted: images }, targets: { labels } }, tf.scalar(learningRate)).loss.dataSync()[0]!;
  });
}

for (const { name, isInstalled } of ENGINES) {
  describe(`train: optimizer steps on ${name}`, () => {
    before(async function () {
      if (!(await isInstalled())) missing(this, `needs ${name}; gearnn engine install fetches it`);
      await startEngine({ engine: name });
    });

    it('move no further than the clipped gradients reach', () => {
      const moved = (settings: object): number => {
        const network = tinyNetwork({ classes: 3 });
        loadStateDict(network, stateOf(REFERENCE.before));
        const before = stateDict(network);
        const options = optionsOf(network, undefined, 0);
        const step = createStep({ ...options, settings: { ...options.settings, momentum: 0, ...settings } });
        take(step, 0, 0.5);
        const learned = network.parameters.filter(isLearned).map(({ name }) => name);
        const after = stateDict(network);
        const squares = learned.flatMap((name) =>
          [...after.get(name)!.data].map((value, i) => (value - before.get(name)!.data[i]!) ** 2),
        );
        step.dispose();
        network.dispose();
        return Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
      };
      const free = moved({});
      expect(moved({ clip: free / 5 })).to.be.closeTo((0.5 * free) / 5, 1e-5 * free);
      expect(moved({ clip: 10 * free })).to.equal(free);
    });

    for (const [title, { trainable, losses, after }] of Object.entries(REFERENCE.runs)) {
      it(`of ${title}, equal torch.optim.SGD's`, () => {
        const before = tf.memory().numTensors;
        const network = tinyNetwork({ classes: 3 });
        loadStateDict(network, stateOf(REFERENCE.before));
        const names = new Set(trainable);
        const step = createStep(optionsOf(network, names));
        losses.forEach((loss, index) => {
          const place = { step: index, steps: losses.length, stepsPerEpoch: losses.length, epochs: 1 };
          const learningRate = learningRateAt({ kind: 'poly' }, rate, place);
          expect(take(step, index, learningRate), `loss ${index}`).to.be.closeTo(loss, 1e-5);
        });
        const reached = stateDict(network);
        for (const [tensor, { data }] of stateOf(after)) {
          data.forEach((value, i) => {
            expect(reached.get(tensor)!.data[i], `${tensor}[${i}]`).to.be.closeTo(value, 1e-5);
          });
        }
        step.dispose();
        network.dispose();
        expect(tf.memory().numTensors).to.equal(before);
      });
    }
  });
}

describe('train: optimizer steps', () => {
  before(() => startEngine());

  it('leave the number of tensors as it was, a thousand of them', () => {
    const network = tinyNetwork({ classes: 3 });
    const step = createStep(optionsOf(network));
    take(step, 0, 0.01);
    const before = tf.memory().numTensors;
    for (let i = 1; i <= 1000; i++) take(step, i % 6, 0.01);
    expect(tf.memory().numTensors).to.equal(before);
    step.dispose();
    network.dispose();
  });

  it('of running statistics alone move them by the batch, and nothing else', () => {
    const network = tinyNetwork({ classes: 3 });
    const [before, names] = [stateDict(network), new Set(['norm.running_mean', 'norm.running_var'])];
    const step = createStep(optionsOf(network, names));
    take(step, 0, 0.1);
    const after = stateDict(network);
    for (const [name, { data }] of after) {
      expect(String(data) !== String(before.get(name)!.data), name).to.equal(names.has(name));
    }
    step.dispose();
    network.dispose();
  });

  it('leave a weight that the loss does not depend on, decay included, as in PyTorch', () => {
    const tiny = tinyNetwork({ classes: 3 });
    const unused = new Convolution({ prefix: 'unused', filters: 2, kernel: 1 });
    unused.apply(tf.input({ shape: [null, null, 3] }));
    const network = { ...tiny, parameters: [...tiny.parameters, ...parametersOf([unused])] };
    const before = stateDict(network);
    const step = createStep(optionsOf(network, undefined, 0.5));
    take(step, 0, 0.1);
    const after = stateDict(network);
    const changed = (name: string) => String(after.get(name)!.data) !== String(before.get(name)!.data);
    expect(changed('unused.weight')).to.equal(false);
    expect(changed('conv.weight')).to.equal(true);
    step.dispose();
    network.dispose();
    unused.dispose();
  });
});
