import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { tidyValues } from '../../src/engine/tidy-values.js';
import { buffersOf, imageOf } from '../../src/tasks/arrays.js';
import { TASK_NAMES } from '../../src/tasks/names.js';
import type { Placement } from '../../src/tasks/placement.js';
import { taskNamed } from '../../src/tasks/registry.js';
import type { Task } from '../../src/tasks/task.js';
import { tensorsOf } from '../../src/tasks/tensors.js';
import { centralDifferences, sample } from '../ops/support/differences.js';
import { expectClose, onEngines } from '../support/engines.js';
import { requireTool } from '../support/tools.js';
import { CLASSES, HEIGHT, IGNORE, members, WIDTH } from './support/members.js';

const SIZE = { height: HEIGHT, width: WIDTH };
const WHOLE: Placement = { scaled: SIZE, x: 0, y: 0, flip: false, crop: [HEIGHT, WIDTH] };

function answersTo(task: Task, logits: ArrayLike<number>, shape: number[]): unknown[] {
  return tidyValues(() => {
    const values = task.answer({ logits: tf.tensor(Float32Array.from(logits), shape) });
    const data = values.dataSync() as Float32Array | Int32Array;
    return task.decode({ dtype: values.dtype as 'int32', shape: values.shape, data }, SIZE);
  });
}

it('tasks: every one has targets in test/tasks/support/members.ts, so that the contract runs on it', () => {
  expect(Object.keys(members).sort()).to.deep.equal([...TASK_NAMES].sort());
});

for (const name of TASK_NAMES) {
  const { targets, channels, sure } = members[name];
  const task = taskNamed(name, IGNORE);
  const names = targets.map((_, i) => `${i}.png`);
  const collated = task.collate(targets, names);
  const logitShape = [...collated['labels']!.shape, channels];

  describe(`tasks: contract of ${name}`, () => {
    it('is called as its registry names it', () => {
      expect(task.name).to.equal(name);
    });

    it('a target that is placed where it was is the same, and so is one that is mirrored twice', () => {
      const twice = (target: unknown): unknown =>
        task.place(task.place(target, { ...WHOLE, flip: true }), { ...WHOLE, flip: true });
      for (const target of targets) {
        expect(task.place(target, WHOLE)).to.deep.equal(target);
        expect(twice(target)).to.deep.equal(target);
      }
    });

    it('crops that lie partly outside are as large as the others, and count no class that is not there', () => {
      const crop: [number, number] = [3, 5];
      const placed = targets.map((target, i) => task.place(target, { scaled: SIZE, x: i - 3, y: 2 - i, flip: i % 2 > 0, crop })); // prettier-ignore
      const { shape, data } = task.collate(placed, names)['labels']!;
      expect(shape[0]).to.equal(targets.length);
      expect(data.length).to.equal(shape.reduce((product, length) => product * length));
      placed.forEach((target, i) => {
        const known = new Set([IGNORE, ...Array.from(task.ids(targets[i]))]);
        expect(Array.from(task.ids(target)).every((id) => known.has(id))).to.equal(true);
      });
    });

    it('a batch goes to another thread without a copy, and an image of it is what collating it alone gives', () => {
      const sent = task.collate(targets, names);
      expect(structuredClone(sent, { transfer: buffersOf(sent) })).to.deep.equal(collated);
      for (const { data } of Object.values(sent)) expect(data.length, 'left behind').to.equal(0);
      targets.forEach((target, i) => {
        expect(imageOf(collated, i)).to.deep.equal(task.collate([target], [names[i]!]));
      });
    });

    it('says whether a batch teaches anything', () => {
      expect(task.isTaught(collated)).to.equal(true);
    });

    it('counts of images add up to those of all, in any order, and scores are shares', () => {
      const metric = task.metric(CLASSES);
      const answers = answersTo(task, sample(logitShape.reduce((a, b) => a * b)), logitShape);
      const counts = targets.map((_, i) => metric.count(imageOf(collated, i), answers[i], names[i]!));
      const [forwards, backwards] = [metric.none(), metric.none()];
      for (const one of counts) metric.merge(forwards, one);
      for (const one of [...counts].reverse()) metric.merge(backwards, one);
      const scores = metric.scores(forwards);
      expect(metric.scores(backwards)).to.deep.equal(scores);
      expect(Object.keys(scores)).to.deep.equal(Object.keys(metric.headings)).and.to.include(metric.primary);
      for (const score of Object.values(scores)) expect(score).to.be.within(0, 1);
      for (const values of Object.values(metric.classScores(forwards))) expect(values).to.have.length(CLASSES);
    });

    it('scores of nothing are NaN', () => {
      const metric = task.metric(CLASSES);
      expect(Number.isNaN(metric.scores(metric.none())[metric.primary])).to.equal(true);
    });

    it('scores are those of scikit-learn', function () {
      const python = requireTool(this, 'scikit-learn');
      const metric = task.metric(CLASSES);
      const logits = sample(
        logitShape.reduce((a, b) => a * b),
        3,
      );
      const sum = metric.none();
      answersTo(task, logits, logitShape).forEach((answer, i) => {
        metric.merge(sum, metric.count(imageOf(collated, i), answer, names[i]!));
      });
      const input = JSON.stringify({ labels: [...collated['labels']!.data], logits: [...logits], classes: CLASSES });
      const program = `import json, sys; import numpy as np; from sklearn.metrics import *
given = json.load(sys.stdin); labels = np.array(given['labels']); logits = np.array(given['logits']).reshape(len(labels), -1)
labels, logits = labels[labels != ${IGNORE}], logits[labels != ${IGNORE}]
${members[name].program}`;
      const reference = JSON.parse(execFileSync(python, ['-c', program], { input, encoding: 'utf8' })) as Record<
        string,
        number
      >;
      const scores = metric.scores(sum);
      for (const [score, value] of Object.entries(reference)) expect(scores[score], score).to.be.closeTo(value, 1e-12);
    });
  });

  onEngines(`tasks: losses and answers of ${name}`, () => {
    it('sure outputs have no loss, and are answers that are right', () => {
      const logits = sure([...collated['labels']!.data]);
      const losses = tf.tidy(() => {
        const made = task.losses({ logits: tf.tensor(logits, logitShape) }, tensorsOf(collated));
        return Object.values(made).map((loss) => loss.dataSync()[0]!);
      });
      for (const loss of losses) expect(loss).to.be.within(0, 1e-6);
      const metric = task.metric(CLASSES);
      const answers = answersTo(task, logits, logitShape);
      expect(answers).to.have.length(targets.length);
      const sum = metric.none();
      answers.forEach((answer, i) => metric.merge(sum, metric.count(imageOf(collated, i), answer, names[i]!)));
      expect(metric.scores(sum)[metric.primary]).to.equal(1);
    });

    it('gradients of the losses are those of finite differences', () => {
      const at = sample(
        logitShape.reduce((a, b) => a * b),
        7,
      );
      const lossOf = (logits: tf.Tensor): tf.Scalar =>
        Object.values(task.losses({ logits }, tensorsOf(collated))).reduce((sum, loss) => tf.add(sum, loss));
      const gradient = tf.tidy(() =>
        tf
          .grad(lossOf)(tf.tensor(Float32Array.from(at), logitShape))
          .dataSync(),
      );
      const expected = centralDifferences((logits) => members[name].loss(logits, [...collated['labels']!.data]), at);
      expectClose(gradient, expected, 1e-5);
    });
  });
}
