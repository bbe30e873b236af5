import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { Random } from '../../../src/common/random.js';
import { mixedSource } from '../../../src/data/mixed-source.js';
import { openSource } from '../../../src/data/source.js';
import { viewsSource } from '../../../src/data/views-source.js';
import { BatchLoader } from '../../../src/data/batches.js';
import { parseLevel } from '../../../src/distort/level.js';
import { distortedSource } from '../../../src/distort/source.js';
import { segmentationTask } from '../../../src/tasks/segmentation/task.js';
import { tensors } from '../../../src/train/adaptations/items.js';
import { fit, type FitOptions } from '../../../src/train/fit.js';
import { meanDivergence, relativeDistance } from '../../../src/tasks/divergence.js';
import { teacher } from '../../../src/train/objectives/teacher.js';
import { labelsAndTeacher } from '../../../src/train/objectives/labels-and-teacher.js';
import { onEngines } from '../../support/engines.js';
import { expectFailure } from '../../support/failure.js';
import { requireTool } from '../../support/tools.js';
import { tinyNetwork } from '../support/tiny.js';
import { SETTINGS, weightsOf } from '../support/tiny-run.js';

const TASK = segmentationTask(255);
const DATA = 'scenes:3@16x24';

onEngines('train: distance from a teacher', () => {
  for (const temperature of [1, 2.5]) {
    it(`of softmax outputs at temperature ${temperature} is numpy's`, function () {
      const python = requireTool(this, 'numpy');
      const random = Random.of(11);
      const [base, own] = [0, 1].map(() => Float32Array.from({ length: 2 * 3 * 4 * 5 }, () => 4 * random.normal()));
      // In double precision, by the definition.
      const program = [
        'import sys; import numpy as np',
        'a, b = np.frombuffer(sys.stdin.buffer.read(), "<f4").astype("f8").reshape(2, -1, 5)',
        'soft = lambda x: np.exp(x / T) / np.exp(x / T).sum(-1, keepdims=True)',
        'p, q = soft(a), soft(b)',
        'print((p * np.log(p / q)).sum(-1).mean())',
      ].join('\n');
      const input = Buffer.concat([base!, own!].map(({ buffer }) => Buffer.from(buffer)));
      const expected = Number(execFileSync(python, ['-c', `T = ${temperature}\n${program}`], { input }));
      const found = tf.tidy(() => {
        const [p, q] = [base!, own!].map((values) => tf.tensor4d(values, [2, 3, 4, 5]));
        return meanDivergence(p!, q!, { temperature }).dataSync()[0]!;
      });
      expect(found).to.be.closeTo(expected, 1e-5 * expected);
    });
  }

  it('of an output without classes is its squared distance over the answer’s square', () => {
    tf.tidy(() => {
      // (1 + 4) / (1 + 4 + 5) by hand.
      const [answer, output] = [tf.tensor1d([1, 2, Math.sqrt(5)]), tf.tensor1d([2, 0, Math.sqrt(5)])];
      expect(relativeDistance(answer, output).dataSync()[0]).to.be.closeTo(0.5, 1e-6);
      expect(relativeDistance(tf.zeros([2]), tf.zeros([2])).dataSync()[0]).to.equal(0);
    });
  });

  it('is 0 where the network is the base and both see the same', () => {
    const network = tinyNetwork();
    const opened = teacher({ temperature: 2 }).open({ task: TASK, makeTeacher: () => tinyNetwork() });
    tf.tidy(() => {
      const images = tf.cast(tf.randomUniform([2, 8, 8, 3], 0, 255, 'float32', 3), 'int32') as tf.Tensor4D;
      const forward = (seen: tf.Tensor4D) => network.forward(seen);
      const { teacher: same } = opened.losses(forward, { distorted: images, clean: images }, {});
      expect(Math.abs(same!.dataSync()[0]!)).to.be.below(1e-6);
      const other = tf.sub(tf.scalar(255, 'int32'), images) as tf.Tensor4D;
      const { teacher: apart } = opened.losses(forward, { distorted: other, clean: images }, {});
      expect(apart!.dataSync()[0]).to.be.above(1e-3);
    });
    opened.dispose();
    network.dispose();
  });
});

onEngines(
  'train: runs with a teacher',
  () => {
    const strong = distortedSource(DATA, parseLevel('jpeg=1'));

    async function train(options: Partial<FitOptions>, epochs = 2, source = strong) {
      const network = tinyNetwork({ seed: 5 });
      const settings = { ...SETTINGS, source, epochs, momentum: 0, learningRate: 0.2 };
      const makeTeacher = () => tinyNetwork({ seed: 5 });
      const setting = { network, task: TASK, settings, makeTeacher, clean: openSource(DATA) };
      const result = await fit({ ...setting, ...options });
      const weights = weightsOf(network);
      network.dispose();
      return { ...result, weights };
    }

    it('come nearer to the answer of the base on clean images, without looking at labels', async () => {
      const adaptation = tensors(new Set(['conv.weight', 'seg.weight', 'seg.bias']));
      const { epochs } = await train({ objective: teacher(), adaptation }, 6);
      expect(epochs.at(-1)!.loss).to.be.below(0.8 * epochs[0]!.loss);
      expect(epochs[0]).not.to.have.property('losses');
    });

    it('have nothing to learn where the network sees what the base sees', async () => {
      const adaptation = tensors(new Set(['conv.weight']));
      const { epochs } = await train({ objective: teacher(), adaptation }, 1, openSource(DATA));
      expect(Math.abs(epochs[0]!.loss)).to.be.below(1e-6);
    });

    it('name the parts of a loss in every step and epoch, the labels’ as it is alone', async () => {
      const steps: { loss: number; losses?: Record<string, number> }[] = [];
      const log = {
        begin: () => {},
        step: (record: (typeof steps)[0]) => void steps.push(record),
        epoch: () => {},
        close: () => {},
      };
      const objective = labelsAndTeacher({ weight: 0.5 });
      const { epochs } = await train({ objective, log, adaptation: tensors(new Set()) }, 1);
      const { epochs: alone } = await train({ adaptation: tensors(new Set()) }, 1);
      const { epochs: taught } = await train({ objective: teacher(), adaptation: tensors(new Set()) }, 1);
      for (const { loss, losses } of [...steps, epochs[0]!]) {
        expect(Object.keys(losses!)).to.deep.equal(['crossEntropy', 'teacher']);
        expect(losses!['crossEntropy']! + losses!['teacher']!).to.be.closeTo(loss, 1e-5);
      }
      expect(epochs[0]!.losses!['crossEntropy']).to.be.closeTo(alone[0]!.loss, 1e-6);
      expect(epochs[0]!.losses!['teacher']).to.be.closeTo(taught[0]!.loss / 2, 1e-6);
    });
  },
  ['tensorflow'],
);

describe('train: two views of a sample', () => {
  const augment = { crop: [8, 16] as [number, number], scale: [0.7, 1.4] as [number, number], flip: true };

  async function batches(source: Parameters<typeof viewsSource>[0], variants?: number) {
    const order = { batch: 2, seed: 3, shuffle: true, samples: variants ? undefined : SETTINGS.samples };
    const loader = await BatchLoader.open({ source, split: 'train', ...order, augment, variants, workers: 2 });
    const found = [];
    for await (const batch of loader.epoch(1)) {
      found.push(batch);
      if (found.length === 4) break;
    }
    await loader.close();
    return found;
  }
  const withClean = (source: Parameters<typeof viewsSource>[0], clean = openSource(DATA)) =>
    viewsSource(source, { clean, split: 'train', labels: true });

  it('are the same crop: that of the clean image is the one of a loader of clean images', async () => {
    const distorted = distortedSource(DATA, parseLevel('jpeg=5'));
    const [plain, clean, both] = await Promise.all(
      [distorted, openSource(DATA), withClean(distorted)].map((source) => batches(source)),
    );
    both!.forEach((batch, i) => {
      expect(batch.images).to.deep.equal(plain![i]!.images);
      expect(batch.targets['labels']!.data).to.deep.equal(plain![i]!.targets['labels']!.data);
      expect(batch.clean).to.deep.equal(clean![i]!.images);
      expect(batch.clean).not.to.deep.equal(batch.images);
      expect(plain![i]).not.to.have.property('clean');
    });
  });

  it('are of one sample in a mixture of levels, too', async () => {
    const levels = ['jpeg=5', 'brightness=0.5'].map((level) => distortedSource(DATA, parseLevel(level)));
    const clean = [0, 1].map(() => openSource(DATA));
    const [mixed, same] = await Promise.all([
      batches(withClean(mixedSource(levels), mixedSource(clean)), 2),
      batches(mixedSource(clean), 2),
    ]);
    mixed.forEach((batch, i) => expect(batch.clean).to.deep.equal(same[i]!.images));
  });

  it('without labels count as ignored everywhere', async () => {
    const unread = viewsSource(openSource(DATA), { split: 'train', labels: false });
    for (const batch of await batches(unread))
      expect(batch.targets['labels']!.data.every((id) => id === 255)).to.equal(true);
  });

  it('of two sizes are refused, with what enlarges the smaller one', async () => {
    const smaller = withClean(distortedSource(DATA, parseLevel('resolution=0.5x')));
    await expectFailure(batches(smaller), 'E_DATA_SIZE', '24x16', '--infer-size original');
  });
});
