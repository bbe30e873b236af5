import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { Random } from '../../../src/common/random.js';
import { isLearned, type Network, type Statistics } from '../../../src/models/network.js';
import { stateDict } from '../../../src/models/state-dict.js';
import { segmentationTask } from '../../../src/tasks/segmentation/task.js';
import { tensors } from '../../../src/train/adaptations/items.js';
import { fit } from '../../../src/train/fit.js';
import { allTrainable, statisticsIn } from '../../../src/train/freeze.js';
import { sumOf } from '../../../src/train/loss.js';
import { meanDivergence } from '../../../src/tasks/divergence.js';
import type { Objective } from '../../../src/train/objectives/objective.js';
import { stability, type StabilityOptions } from '../../../src/train/objectives/stability.js';
import { onEngines } from '../../support/engines.js';
import { tinyNetwork } from '../support/tiny.js';
import { SETTINGS, weightsOf } from '../support/tiny-run.js';

const IGNORE = 255;
const TASK = segmentationTask(IGNORE);

/** Two images of 4x6 with labels of 3 classes, one pixel ignored, and noise. */
function example(): { images: tf.Tensor4D; labels: tf.Tensor3D; noise: tf.Tensor4D } {
  const random = Random.of(4);
  const draw = (count: number, make: () => number): number[] => Array.from({ length: count }, make);
  const labels = draw(48, () => random.integer(3));
  labels[5] = IGNORE;
  return {
    images: tf.tensor4d(
      draw(144, () => random.integer(256)),
      [2, 4, 6, 3],
      'int32',
    ),
    labels: tf.tensor3d(labels, [2, 4, 6], 'int32'),
    noise: tf.tensor4d(
      draw(144, () => random.normal()),
      [2, 4, 6, 3],
    ),
  };
}

/** The objective's loss, summed. */
function lossOf(
  network: Network,
  statistics: (group: string) => Statistics,
  options: StabilityOptions,
  { images, labels, noise }: ReturnType<typeof example>,
): tf.Scalar {
  const { losses } = stability(options).open({ task: TASK });
  const noisy = tf.add(images, tf.mul(noise, 255 * options.sigma)) as tf.Tensor4D;
  const views = { distorted: images, noisy };
  return sumOf(losses((seen) => network.forward(seen, statistics), views, { labels }));
}

onEngines(
  'train: stability',
  () => {
    it('divergence of softmax outputs is the sum of P (log P - log Q), averaged over the pixels that count', () => {
      tf.tidy(() => {
        const [p, q] = [tf.tensor4d([0, Math.log(3), 1, 5], [1, 1, 2, 2]), tf.tensor4d([0, 0, 2, 2], [1, 1, 2, 2])];
        const counts = tf.tensor3d([1, 0], [1, 1, 2]);
        // P = (1/4, 3/4), Q = (1/2, 1/2): 1/4 log(1/2) + 3/4 log(3/2).
        const expected = 0.25 * Math.log(0.5) + 0.75 * Math.log(1.5);
        expect(meanDivergence(p, q, { counts }).dataSync()[0]).to.be.closeTo(expected, 1e-6);
        expect(meanDivergence(p, p, { counts }).dataSync()[0]).to.be.closeTo(0, 1e-7);
      });
    });

    it('the loss is that of classification, plus alpha times a distance that grows with sigma', () => {
      tf.tidy(() => {
        const network = tinyNetwork({ classes: 3 });
        const { images, labels } = example();
        const loss = (alpha: number, sigma: number): number =>
          lossOf(network, () => 'running', { alpha, sigma }, example()).dataSync()[0]!;
        const plain = TASK.losses(network.forward(images), { labels }).crossEntropy!.dataSync()[0]!;
        expect(loss(0, 0.1)).to.be.closeTo(plain, 1e-6);
        const one = loss(1, 0.1) - plain;
        expect(one).to.be.above(1e-4);
        expect(loss(2, 0.1) - plain).to.be.closeTo(2 * one, 1e-6);
        expect(loss(1, 0.3) - plain).to.be.above(2 * one);
        network.dispose();
      });
    });

    it('its gradients are those of finite differences', () => {
      tf.tidy(() => {
        const network = tinyNetwork({ classes: 3 });
        const batch = example();
        const statistics = statisticsIn(network, allTrainable(network));
        const loss = (): tf.Scalar => lossOf(network, statistics, { alpha: 2, sigma: 0.2 }, batch);
        for (const { name, variable: weight } of network.parameters.filter(isLearned)) {
          const gradient = tf.variableGrads(loss, [weight]).grads[weight.name]!.dataSync();
          const values = weight.dataSync().slice();
          const at = values.length >> 1;
          const moved = (by: number): number => {
            const changed = values.slice();
            changed[at]! += by;
            weight.assign(tf.tensor(changed, weight.shape));
            return loss().dataSync()[0]!;
          };
          const difference = (moved(2e-3) - moved(-2e-3)) / 4e-3;
          weight.assign(tf.tensor(values, weight.shape));
          expect(gradient[at], name).to.be.closeTo(difference, 0.02 * Math.abs(difference) + 1e-3);
        }
        network.dispose();
      });
    });
  },
  ['cpu', 'tensorflow'],
);

onEngines(
  'train: stability runs',
  () => {
    const train = async (seed: number, epochs = 2): Promise<Record<string, string>> => {
      const network = tinyNetwork();
      const objective = stability({ alpha: 1, sigma: 0.1 });
      await fit({ network, task: TASK, objective, settings: { ...SETTINGS, seed, epochs } });
      const weights = weightsOf(network);
      expect([...stateDict(network).values()].every(({ data }) => data.every(Number.isFinite))).to.equal(true);
      network.dispose();
      return weights;
    };

    it('are the same for the same seed, noise included, and others for another', async () => {
      const first = await train(1);
      expect(await train(1)).to.deep.equal(first);
      expect(await train(2)).not.to.deep.equal(first);
    });

    it('draw their noise anew for every batch: frozen into the graph it would be that of the first', async () => {
      const seen: number[] = [];
      const plain = stability({ alpha: 1, sigma: 0.1 });
      const network = tinyNetwork();
      // The loss is the noise's mean, so that what the graph is given shows.
      const objective: Objective = {
        ...plain,
        open: () => ({
          losses: (_, { distorted, noisy }) => ({ noise: tf.mean(tf.sub(noisy!, distorted!)) }),
          dispose: () => {},
        }),
      };
      const log = {
        begin: () => {},
        step: ({ loss }: { loss: number }) => void seen.push(loss),
        epoch: () => {},
        close: () => {},
      };
      await fit({
        network,
        task: TASK,
        objective,
        settings: { ...SETTINGS, epochs: 1 },
        adaptation: tensors(new Set()),
        log,
      });
      network.dispose();
      expect(new Set(seen).size).to.equal(4);
    });
  },
  ['tensorflow'],
);
