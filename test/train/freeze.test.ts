import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { startEngine } from '../../src/engine/start.js';
import type { Network } from '../../src/models/network.js';
import { IMAGENET, normalize } from '../../src/models/preprocessing.js';
import { segmentationTask } from '../../src/tasks/segmentation/task.js';
import type { Task } from '../../src/tasks/task.js';
import { loadStateDict, stateDict } from '../../src/models/state-dict.js';
import { tensors } from '../../src/train/adaptations/items.js';
import { statisticsIn } from '../../src/train/freeze.js';
import { expectFailure } from '../support/failure.js';
import { tinyNetwork } from './support/tiny.js';
import { trainTiny, weightsOf } from './support/tiny-run.js';

const WEIGHTS = ['conv.weight', 'norm.weight', 'norm.bias', 'seg.weight', 'seg.bias'];
const STATISTICS = ['norm.running_mean', 'norm.running_var'];

/** A network whose running statistics are not those of any batch. */
function trained(): Network {
  const network = tinyNetwork();
  const state = stateDict(network);
  for (const name of STATISTICS) state.get(name)!.data.set([0.3, 0.7, 1.1, 0.9]);
  loadStateDict(network, state);
  return network;
}

describe('train: freezing', () => {
  let network: Network;
  before(() => startEngine());
  beforeEach(() => (network = trained()));
  afterEach(() => network.dispose());

  for (const [title, names] of [
    ['one weight', ['norm.bias']],
    ['weights without statistics', ['conv.weight', 'seg.bias']],
    ['statistics without weights', STATISTICS],
    ['a weight and statistics', ['seg.weight', ...STATISTICS]],
  ] as const) {
    it(`training ${title} changes them and leaves every other tensor as it was, to the bit`, async () => {
      const before = weightsOf(network);
      const { weights } = await trainTiny({}, { network, adaptation: tensors(new Set<string>(names)) });
      const changed = Object.keys(weights).filter((name) => weights[name] !== before[name]);
      expect(changed).to.have.members([...names]);
    });
  }

  it('all tensors change where nothing is frozen', async () => {
    const before = weightsOf(network);
    const { weights } = await trainTiny({}, { network });
    expect(Object.keys(weights).filter((name) => weights[name] === before[name])).to.deep.equal([]);
    expect(Object.keys(weights)).to.have.members([...WEIGHTS, ...STATISTICS]);
  });

  for (const name of ['conv.weight', 'norm.running_mean']) {
    it(`a change of a frozen ${name} is found`, async () => {
      const { variable } = network.parameters.find((tensor) => tensor.name === name)!;
      const meddle = (): Promise<undefined> => {
        tf.tidy(() => void variable.assign(tf.add(variable, 1e-7)));
        return Promise.resolve(undefined);
      };
      const run = trainTiny({}, { network, adaptation: tensors(new Set(['seg.bias'])), validate: meddle });
      await expectFailure(run, 'E_TRAIN_FROZEN', name);
    });
  }

  it('a task that assigns a frozen tensor within the step is found', async () => {
    const honest = segmentationTask(255);
    const { variable } = network.parameters.find(({ name }) => name === 'norm.running_var')!;
    const task: Task = {
      ...honest,
      losses(outputs, targets) {
        variable.assign(tf.mul(variable, 0.99));
        return honest.losses(outputs, targets);
      },
    };
    const run = trainTiny({}, { network, task, adaptation: tensors(new Set(['seg.bias'])) });
    await expectFailure(run, 'E_TRAIN_FROZEN', 'norm.running_var');
  });
});

describe('train: batch normalization', () => {
  let network: Network;
  before(() => startEngine());
  beforeEach(() => (network = trained()));
  afterEach(() => network.dispose());

  /** Logits of random pixels, as inference and as training see them. */
  function bothWays(trainable: ReadonlySet<string>): [number[], number[]] {
    return tf.tidy(() => {
      const x = pixels();
      const logits = (outputs: tf.NamedTensorMap): number[] => [...outputs.logits!.dataSync<'float32'>()];
      return [logits(network.forward(x)), logits(network.forward(x, statisticsIn(network, trainable)))];
    });
  }

  const pixels = (): tf.Tensor4D => tf.randomNormal([2, 8, 8, 3], 128, 60, 'float32', 7);

  it('whose statistics are frozen is the same function in training as at inference', () => {
    const before = weightsOf(network);
    const [inference, training] = bothWays(new Set(WEIGHTS));
    expect(training).to.deep.equal(inference);
    expect(weightsOf(network)).to.deep.equal(before);
  });

  it('whose statistics are trained normalizes by the batch, and moves them a tenth of the way', () => {
    const [inference, training] = bothWays(new Set(STATISTICS));
    expect(training).not.to.deep.equal(inference);
    const state = stateDict(network);
    const means = state.get('norm.running_mean')!.data;
    const expected = tf.tidy(() => {
      const weight = network.parameters.find(({ name }) => name === 'conv.weight')!.variable as unknown as tf.Tensor4D;
      const conv = tf.conv2d(normalize(pixels(), IMAGENET), weight, 1, 'same');
      return [...tf.mean(conv, [0, 1, 2]).dataSync<'float32'>()];
    });
    [0.3, 0.7, 1.1, 0.9].forEach((old, i) => {
      expect(means[i]).to.be.closeTo(0.9 * old + 0.1 * expected[i]!, 1e-5);
    });
  });
});
