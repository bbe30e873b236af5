import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BatchLoader } from '../../src/data/batches.js';
import { openSource } from '../../src/data/source.js';
import { parseLevel } from '../../src/distort/level.js';
import { distortedSource } from '../../src/distort/source.js';
import { gradientMeter } from '../../src/frequency/gradients.js';
import { frequencyResponse } from '../../src/frequency/response.js';
import { encodePng } from '../../src/image/encode.js';
import { encodeLabelMap } from '../../src/image/labels.js';
import type { Network } from '../../src/models/network.js';
import { segmentationTask } from '../../src/tasks/segmentation/task.js';
import type { Task } from '../../src/tasks/task.js';
import { writeListDataset } from '../distort/support/list-dataset.js';
import { expectClose, onEngines } from '../support/engines.js';
import { expectFailure } from '../support/failure.js';
import { tinyNetwork } from '../train/support/tiny.js';

const source = openSource('scenes:7@24x40');
const task = segmentationTask(255);

onEngines(
  'frequency: response',
  () => {
    it('is the mean of absolute gradients over images, and over channels where they are together', async () => {
      const network = tinyNetwork();
      const loader = await BatchLoader.open({ source, split: 'val', batch: 1, seed: 0, shuffle: false });
      const meter = gradientMeter(network, { task }, [24, 40]);
      const sums = [0, 1, 2].map(() => new Float64Array(24 * 40));
      const losses: number[] = [];
      for await (const image of loader.epoch(0)) {
        const { loss, gradient } = meter.measure(image);
        losses.push(loss);
        sums.forEach((sum, c) =>
          sum.forEach((_, i) => (sum[i]! += Math.abs(gradient[(Math.floor(i / 40) * 3 + c) * 40 + (i % 40)]!))),
        );
        if (losses.length === 3) break;
      }
      meter.dispose();
      const samples = loader.dataset.samples('val').slice(0, 3).map(({ id }) => id); // prettier-ignore
      await loader.close();
      const found = await frequencyResponse({ network, task, source, split: 'val', samples });
      network.dispose();
      expect(found.images).to.deep.equal(samples);
      expect(found.loss).to.be.closeTo((losses[0]! + losses[1]! + losses[2]!) / 3, 1e-6);
      const names = ['red', 'green', 'blue'] as const;
      names.forEach((name, c) => expectClose(found[name].data, sums[c]!.map((sum) => sum / 3), 1e-6)); // prettier-ignore
      const mean = sums[0]!.map((sum, i) => (sum + sums[1]![i]! + sums[2]![i]!) / 9);
      expectClose(found.together.data, mean, 1e-6);
      expect([found.together.height, found.together.width]).to.deep.equal([24, 40]);
    });

    it('looks at smaller pictures with the labels under the centres of their pixels', async () => {
      const half = distortedSource('scenes:7@24x40', parseLevel('resolution=20x12'));
      const network = tinyNetwork();
      const loader = await BatchLoader.open({ source: half, split: 'val', batch: 1, seed: 0, shuffle: false });
      const [first] = loader.dataset.samples('val');
      const meter = gradientMeter(network, { task }, [12, 20]);
      let expected: number[] = [];
      for await (const { ids, images, targets } of loader.epoch(0)) {
        const { shape, data: labels } = targets['labels']!;
        expect(shape).to.deep.equal([1, 24, 40]);
        const under = Uint8Array.from({ length: 12 * 20 }, (_, i) => labels[(2 * Math.floor(i / 20) + 1) * 40 + 2 * (i % 20) + 1]!); // prettier-ignore
        const { gradient } = meter.measure({
          ids,
          images,
          targets: { labels: { dtype: 'int32', shape: [1, 12, 20], data: under } },
        });
        expected = Array.from({ length: 12 * 20 }, (_, i) => Math.abs(gradient[Math.floor(i / 20) * 60 + (i % 20)]!));
        break;
      }
      meter.dispose();
      await loader.close();
      const found = await frequencyResponse({ network, task, source: half, split: 'val', samples: [first!.id] });
      network.dispose();
      expectClose(found.red.data, expected, 1e-6);
    });

    it('of a loss that looks at one frequency alone is at that frequency alone', async () => {
      // The mean over the width of the image's second vertical cosine: coefficient (2, 0) of every channel.
      const rows = Array.from({ length: 24 }, (_, y) => Math.cos((Math.PI * 2 * (2 * y + 1)) / 48));
      const look = (images: tf.Tensor): tf.Scalar => tf.sum(tf.mul(images, tf.tensor(rows, [1, 24, 1, 1])));
      const network = tinyNetwork();
      const seen: Network = { ...network, forward: (images) => ({ images }) };
      const narrow: Task = { ...task, losses: ({ images }) => ({ look: look(images!) }) };
      const found = await frequencyResponse({ network: seen, task: narrow, source, split: 'val' }).finally(() =>
        network.dispose(),
      );
      // A sum over the pixels is the coefficient times sqrt(24 / 2) times sqrt(40).
      const expected = new Float64Array(24 * 40);
      expected[2 * 40] = Math.sqrt((24 / 2) * 40);
      expectClose(found.together.data, expected, 1e-5);
    });

    it('refuses images of several sizes, naming the one that differs', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'gearnn-frequency-'));
      await writeListDataset(folder, { val: ['a', 'b'] });
      const wide = { width: 32, height: 16 };
      await writeFile(
        join(folder, 'images/b.png'),
        await encodePng({ data: new Uint8Array(32 * 16 * 3), channels: 3, ...wide }),
      );
      await writeFile(join(folder, 'labels/b.png'), encodeLabelMap({ data: new Uint8Array(32 * 16), ...wide }));
      const network = tinyNetwork({ classes: 2 });
      const measured = frequencyResponse({ network, task, source: openSource(`list:${folder}`), split: 'val' });
      await expectFailure(measured, 'E_DATA_SIZE', '24x16', '32x16');
      network.dispose();
      await rm(folder, { recursive: true });
    });

    it('refuses data with other classes than the network has', async () => {
      const network = tinyNetwork({ classes: 3 });
      await expectFailure(frequencyResponse({ network, task, source, split: 'val' }), 'E_EVAL_CLASSES', '3 classes');
      network.dispose();
    });
  },
  ['tensorflow'],
);
