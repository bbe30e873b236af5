import { expect } from 'chai';
import { join } from 'node:path';
import { distortedSource } from '../../src/distort/source.js';
import { parseLevel } from '../../src/distort/level.js';
import { openDataset } from '../../src/data/registry.js';
import { loadSource } from '../../src/data/source.js';
import { evaluateLevels } from '../../src/eval/levels.js';
import { createPredictor } from '../../src/eval/predictor.js';
import { loadCheckpoint, networkOf } from '../../src/models/checkpoint.js';
import { ConfusionMatrix } from '../../src/tasks/segmentation/confusion.js';
import { scoresOf } from '../../src/tasks/segmentation/iou.js';
import { segmentationTask } from '../../src/tasks/segmentation/task.js';
import { onEngines } from '../support/engines.js';
import { ROOT } from '../support/sources.js';

const DEMO = join(ROOT, 'checkpoints/demo');
const DATA = 'scenes:7';

onEngines(
  'eval: agreement with the clean answers of the base',
  () => {
    it('is 1 on clean frames, and else what the two masks of each frame share', async function () {
      this.timeout(120_000);
      const samples = (await openDataset(DATA)).samples('val').slice(0, 2);
      const options = { checkpoint: DEMO, adaptors: join(DEMO, 'adaptors'), data: DATA, split: 'val', agreement: true };
      const rows = await evaluateLevels({
        ...options,
        levels: ['clean', 'jpeg=5'],
        samples: samples.map(({ id }) => id),
      });
      expect(rows.map(({ level, method }) => `${level} ${method}`)).to.deep.equal([
        'clean original',
        'jpeg=5 original',
        'jpeg=5 adaptor',
      ]);
      expect(rows[0]!.scores).to.deep.equal({ miou: 1, pixelAccuracy: 1 });

      const base = await loadCheckpoint(DEMO);
      const network = networkOf(base);
      const predictor = createPredictor(network, segmentationTask(base.config.ignore), { changing: new Set() });
      const confusion = new ConfusionMatrix(network.spec.classes);
      const [clean, distorted] = await Promise.all(
        [parseLevel('clean'), parseLevel('jpeg=5')].map((level) => loadSource(distortedSource(DATA, level))),
      );
      for (const sample of samples) {
        const [truth, answer] = await Promise.all(
          [clean!, distorted!].map(async (dataset) => {
            const { data, width, height } = await dataset.readImage(sample);
            return predictor.predict({ images: data, batch: 1, width, height })[0]!.data;
          }),
        );
        confusion.add(truth!, answer!, 255);
      }
      const { miou, pixelAccuracy } = scoresOf(confusion);
      expect(rows[1]!.scores['miou']).to.be.closeTo(miou, 1e-12);
      expect(rows[1]!.scores['pixelAccuracy']).to.be.closeTo(pixelAccuracy, 1e-12);
      predictor.dispose();
      network.dispose();
    });
  },
  ['wasm', 'tensorflow'],
);
