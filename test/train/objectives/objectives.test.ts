import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { Random } from '../../../src/common/random.js';
import { isLearned, type Network } from '../../../src/models/network.js';
import { segmentationTask } from '../../../src/tasks/segmentation/task.js';
import { compileLoss, sumOf, type BatchTensors } from '../../../src/train/loss.js';
import type { Objective, View } from '../../../src/train/objectives/objective.js';
import { OBJECTIVES, parseObjective } from '../../../src/train/objectives/registry.js';
import { gradientSums } from '../../../src/train/gradient-sums.js';
import { onEngines } from '../../support/engines.js';
import { tinyNetwork } from '../support/tiny.js';

const TASK = segmentationTask(255);

/** A text of every objective. */
const TEXTS: Record<keyof typeof OBJECTIVES, string> = {
  labels: 'labels',
  stability: 'stability:2:0.2',
  teacher: 'teacher:2',
  'labels+teacher': 'labels+teacher:0.5',
};

/** Two images of 4x6 in the views that are asked for, with labels of 3 classes, one pixel ignored, where they are needed. */
function batchFor({ views, needsTarget }: Objective): BatchTensors {
  const random = Random.of(4);
  const image = (): tf.Tensor4D =>
    tf.tensor4d(
      Array.from({ length: 144 }, () => random.integer(256)),
      [2, 4, 6, 3],
      'int32',
    );
  const ids = Array.from({ length: 48 }, (_, i) => (i === 5 ? 255 : random.integer(3)));
  const made: Record<View, tf.Tensor4D> = { distorted: image(), clean: image(), noisy: tf.cast(image(), 'float32') };
  const asked = Object.fromEntries(views.map((view) => [view, made[view]]));
  return { views: asked, targets: needsTarget ? { labels: tf.tensor3d(ids, [2, 4, 6], 'int32') } : {} };
}

onEngines(
  'train: objectives',
  () => {
    for (const [kind, text] of Object.entries(TEXTS)) {
      const objective = parseObjective(text);
      describe(kind, () => {
        let network: Network;
        beforeEach(() => (network = tinyNetwork({ classes: 3 })));
        afterEach(() => network.dispose());
        /** The base is another network than the one that is trained. */
        const open = () => objective.open({ task: TASK, makeTeacher: () => tinyNetwork({ classes: 3, seed: 7 }) });

        it('gives named scalars for the views and targets that it asks for, and leaves nothing behind', () => {
          const opened = open();
          tf.tidy(() => {
            const { views, targets } = batchFor(objective);
            const losses = opened.losses((images) => network.forward(images, () => 'batch'), views, targets);
            for (const [name, loss] of Object.entries(losses)) {
              expect(loss.shape, name).to.deep.equal([]);
              expect(loss.dataSync()[0], name).to.be.finite.and.above(0);
            }
          });
          opened.dispose();
        });

        it('one forward pass is all, so that running statistics move once', () => {
          const opened = open();
          let passes = 0;
          tf.tidy(() => {
            const { views, targets } = batchFor(objective);
            opened.losses((images) => (passes++, network.forward(images)), views, targets);
          });
          expect(passes).to.equal(1);
          opened.dispose();
        });

        it('its gradients are those of finite differences, and its parts sum up to the loss', () => {
          const opened = open();
          const learned = network.parameters.filter(isLearned);
          const gradients = gradientSums(learned);
          const compiled = compileLoss(network, opened, () => 'running', gradients, 'fp32');
          tf.tidy(() => {
            const batch = batchFor(objective);
            const { loss, parts } = compiled.run(batch, tf.scalar(0));
            const single = Object.values(parts).map((part) => part.dataSync()[0]!);
            expect(single.length).not.to.equal(1);
            if (single.length > 0) {
              expect(loss.dataSync()[0]).to.be.closeTo(
                single.reduce((a, b) => a + b),
                1e-5,
              );
            }
            const lossNow = (): number => {
              const forward = (images: tf.Tensor4D) => network.forward(images, () => 'running');
              return sumOf(opened.losses(forward, batch.views, batch.targets)).dataSync()[0]!;
            };
            for (const { name, variable } of learned) {
              const values = variable.dataSync().slice();
              const at = values.length >> 1;
              const moved = (by: number): number => {
                const changed = values.slice();
                changed[at]! += by;
                variable.assign(tf.tensor(changed, variable.shape));
                return lossNow();
              };
              const difference = (moved(2e-3) - moved(-2e-3)) / 4e-3;
              variable.assign(tf.tensor(values, variable.shape));
              const found = gradients.sums.get(name)!.dataSync()[at]!;
              expect(found, name).to.be.closeTo(difference, 0.02 * Math.abs(difference) + 1e-3);
            }
          });
          compiled.dispose();
          gradients.dispose();
          opened.dispose();
        });
      });
    }
  },
  ['cpu', 'tensorflow'],
);

describe('train: names of objectives', () => {
  it('labels alone leave identities as they were, and no two others are noted alike', () => {
    const texts = ['stability:1:0.1', 'teacher', 'teacher:2', 'labels+teacher:1', 'labels+teacher:0.5'];
    expect(parseObjective('labels').identity).to.deep.equal({});
    // As it was noted when there were no other objectives.
    expect(parseObjective('stability:1:0.1').identity).to.deep.equal({ stability: { alpha: 1, sigma: 0.1 } });
    expect(parseObjective('teacher').identity).to.deep.equal({ objective: 'teacher', temperature: 1 });
    const noted = new Set(texts.map((text) => JSON.stringify(parseObjective(text).identity)));
    expect(noted.size).to.equal(texts.length);
  });

  for (const text of [
    '',
    'teachers',
    'labels:1',
    'teacher:0',
    'teacher:',
    'teacher:x',
    'labels+teacher',
    'stability:1:0',
  ]) {
    it(`refuse "${text}", with what there is`, () => {
      expect(() => parseObjective(text))
        .to.throw(/labels\+teacher:WEIGHT/)
        .with.property('code', 'E_USAGE');
    });
  }
});
