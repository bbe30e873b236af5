import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { buffersOf, imageOf } from '../../src/tasks/arrays.js';
import { TASK_NAMES, type TaskName } from '../../src/tasks/names.js';
import { GearnnError } from '../../src/common/errors.js';
import type { Placement } from '../../src/tasks/placement.js';
import { taskNamed } from '../../src/tasks/registry.js';
import { tensorsOf } from '../../src/tasks/tensors.js';
import { expectClose, onEngines } from '../support/engines.js';
import { requireTool } from '../support/tools.js';
import { CLASSES, HEIGHT, IGNORE, members, type Outputs, WIDTH } from './support/members.js';
import { answersTo, differences, sampledOutputs, SIZE, sizeOf, tensorsFor } from './support/outputs.js';

const WHOLE: Placement = { scaled: SIZE, x: 0, y: 0, flip: false, crop: [HEIGHT, WIDTH] };

it('tasks: every one has targets in test/tasks/support/members.ts, so that the contract runs on it', () => {
  expect(Object.keys(members).sort()).to.deep.equal([...TASK_NAMES].sort());
});

for (const name of TASK_NAMES) {
  const { targets, loss } = members[name];
  const task = taskNamed(name, IGNORE);
  const names = targets.map((_, i) => `${i}.png`);
  const collated = task.collate(targets, names);
  const sampled = (seed: number): Outputs => sampledOutputs(name, targets.length, seed);

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
      for (const { shape, data } of Object.values(task.collate(placed, names))) {
        expect(shape[0]).to.equal(targets.length);
        expect(data.length).to.equal(sizeOf(shape));
      }
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

    it('a batch gives back what was stacked', () => {
      expect(task.uncollate(collated)).to.deep.equal(targets);
    });

    it('says whether a batch teaches anything', () => {
      expect(task.isTaught(collated)).to.equal(true);
    });

    it('counts of images add up to those of all, in any order, and scores are shares', () => {
      const metric = task.metric(CLASSES);
      const answers = answersTo(task, sampled(1));
      const counts = targets.map((_, i) => metric.count(imageOf(collated, i), answers[i], names[i]!));
      const [forwards, backwards] = [metric.none(), metric.none()];
      for (const one of counts) metric.merge(forwards, one);
      for (const one of [...counts].reverse()) metric.merge(backwards, one);
      const scores = metric.scores(forwards);
      expect(metric.scores(backwards)).to.deep.equal(scores);
      const shown = Object.keys(metric.headings);
      expect(Object.keys(scores).filter((score) => shown.includes(score))).to.deep.equal(shown);
      expect(shown).to.include(metric.primary);
      for (const [score, value] of Object.entries(scores)) {
        if (shown.includes(score) || !Number.isNaN(value)) expect(value, score).to.be.within(0, 1);
      }
      if (metric.drawn) {
        const times = counts.map((_, i) => (i + 1) % 3);
        const drawn = metric.none();
        times.forEach((count, i) => Array.from({ length: count }, () => metric.merge(drawn, counts[i]!)));
        expect(metric.drawn(counts)(times)).to.be.closeTo(metric.scores(drawn)[metric.primary]!, 1e-12);
      }
      for (const values of Object.values(metric.classScores(forwards))) expect(values).to.have.length(CLASSES);
    });

    it('counts of images are read back from a text as they were, and text of other images is refused', () => {
      const metric = task.metric(CLASSES);
      const answers = answersTo(task, sampled(1));
      const unknown = task.collate([task.unknown(SIZE)], ['unknown.png']);
      const counts = [
        ...targets.map((_, i) => metric.count(imageOf(collated, i), answers[i], names[i]!)),
        metric.count(unknown, answers[0], 'unknown.png'),
      ];
      const packed = metric.pack(counts);
      expect(metric.unpack(packed, counts.length)).to.deep.equal(counts);
      expect(metric.pack(counts.slice(0, 2)).truth).to.not.equal(packed.truth);
      expect(() => metric.unpack(packed, counts.length + 1))
        .to.throw('numbers')
        .with.property('code', 'E_EVAL_COUNTS');
    });

    it('an image of which nothing is known counts nowhere', () => {
      const metric = task.metric(CLASSES);
      const [answer] = answersTo(task, sampled(1));
      const counts = metric.count(task.collate([task.unknown(SIZE)], ['unknown.png']), answer, 'unknown.png');
      expect(Number.isNaN(metric.scores(counts)[metric.primary])).to.equal(true);
    });

    it('scores of nothing are NaN', () => {
      const metric = task.metric(CLASSES);
      expect(Number.isNaN(metric.scores(metric.none())[metric.primary])).to.equal(true);
    });

    it('scores are those of scikit-learn', function () {
      const python = requireTool(this, 'scikit-learn');
      const metric = task.metric(CLASSES);
      const outputs = sampled(3);
      const sum = metric.none();
      answersTo(task, outputs).forEach((answer, i) => {
        metric.merge(sum, metric.count(imageOf(collated, i), answer, names[i]!));
      });
      const truths = Object.fromEntries(Object.entries(collated).map(([key, { data }]) => [key, [...data]]));
      const given = Object.fromEntries(Object.entries(outputs).map(([key, data]) => [key, [...data]]));
      const input = JSON.stringify({ targets: truths, outputs: given });
      const program = `import json, sys; import numpy as np; from sklearn.metrics import *
given = json.load(sys.stdin); targets = given['targets']; outputs = given['outputs']
${members[name].program}`;
      const reference = JSON.parse(execFileSync(python, ['-c', program], { input, encoding: 'utf8' })) as Record<
        string,
        number
      >;
      const scores = metric.scores(sum);
      expect(Object.keys(reference)).to.include(metric.primary);
      for (const [score, value] of Object.entries(reference)) expect(scores[score], score).to.be.closeTo(value, 1e-7);
    });

    it('an answer is packed as its task says, and is a target that the same answer agrees with', () => {
      const answers = answersTo(task, members[name].sure(collated));
      const metric = task.metric(CLASSES);
      const outputs = Object.entries(members[name].outputs).map(([output, shape]) => ({
        ...{ name: output, datatype: 'FP32' as const, shape: [1, ...shape] },
      }));
      const packs = task.packs({ spec: { classes: CLASSES }, outputs });
      answers.forEach((answer, i) => {
        const packed = task.pack(answer);
        expect(Object.keys(packed)).to.deep.equal(packs.map((array) => array.name));
        for (const { name: array, datatype, shape } of packs) {
          const { data, shape: own } = packed[array]!;
          expect(own, array).to.have.length(shape.length);
          shape.forEach((side, axis) => expect(own[axis]).to.equal(side < 0 ? own[axis] : side));
          expect(data.length).to.equal(sizeOf(own));
          expect(data.constructor.name).to.equal({ UINT8: 'Uint8Array', FP32: 'Float32Array', INT32: 'Int32Array' }[datatype]); // prettier-ignore
        }
        const target = task.collate([task.targetOf(answer)], [names[i]!]);
        expect(metric.scores(metric.count(target, answer, names[i]!))[metric.primary]).to.be.closeTo(1, 1e-12);
      });
    });
  });

  onEngines(`tasks: losses and answers of ${name}`, () => {
    it('sure outputs have no loss, and are answers that are right', () => {
      const sure = members[name].sure(collated);
      const losses = tf.tidy(() => {
        if (!loss) return [];
        const made = task.losses(tensorsFor(name, sure), tensorsOf(collated));
        return Object.values(made).map((value) => value.dataSync()[0]!);
      });
      for (const value of losses) expect(value).to.be.within(0, 1e-6);
      const metric = task.metric(CLASSES);
      const answers = answersTo(task, sure);
      expect(answers).to.have.length(targets.length);
      const sum = metric.none();
      answers.forEach((answer, i) => metric.merge(sum, metric.count(imageOf(collated, i), answer, names[i]!)));
      expect(metric.scores(sum)[metric.primary]).to.be.closeTo(1, 1e-12);
    });

    it('gradients of the losses are those of finite differences; without labels there are none to be had', () => {
      const at = sampled(7);
      const sumOf = (outputs: tf.NamedTensorMap): tf.Scalar =>
        Object.values(task.losses(outputs, tensorsOf(collated))).reduce((sum, value) => tf.add(sum, value));
      if (loss) expectGradients(name, sumOf, (outputs) => loss(outputs, collated), at);
      else if (!members[name].isSampled)
        expect(() => task.losses({}, {}))
          .to.throw(GearnnError)
          .with.property('code', 'E_DATA_TASK');
    });

    it('the distance of two answers and its gradient are those of finite differences, and it is 0 of the same ones', () => {
      const { outputs: shown, compared = shown } = members[name];
      const [right, other] = [11, 23].map((seed) => sampledOutputs(name, targets.length, seed, compared)) as [Outputs, Outputs]; // prettier-ignore
      const answers = tensorsFor(name, right, compared);
      const distance = (outputs: tf.NamedTensorMap): tf.Scalar => task.distance(answers, outputs);
      expectGradients(name, distance, (outputs) => members[name].distance(right, outputs), other, compared);
      expect(tf.tidy(() => distance(answers).dataSync()[0])).to.be.closeTo(0, 1e-6);
      tf.dispose(answers);
    });
  });
}

/** Checks a scalar of outputs, and its gradients, against the same in double precision. */
function expectGradients(
  name: TaskName,
  scalar: (outputs: tf.NamedTensorMap) => tf.Scalar,
  reference: (outputs: Outputs) => number,
  at: Outputs,
  shapes = members[name].outputs,
): void {
  const keys = Object.keys(shapes);
  const [value, gradients] = tf.tidy(() => {
    const tensors = Object.values(tensorsFor(name, at, shapes));
    const made = tf.valueAndGrads((...outputs) => scalar(Object.fromEntries(keys.map((key, i) => [key, outputs[i]!]))))(
      tensors,
    );
    return [made.value.dataSync()[0]!, made.grads.map((gradient) => gradient.dataSync())];
  });
  expect(value).to.be.closeTo(reference(at), 1e-5);
  const expected = differences(reference, at);
  keys.forEach((key, i) => expectClose(gradients[i]!, expected[key]!, 1e-5));
}
