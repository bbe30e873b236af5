import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { keptAs, moverOf } from '../../src/train/optimizers.js';
import { onEngines } from '../support/engines.js';

const FIRST = [1, -2, 0, 0.5];
const SETTINGS = { momentum: 0.9, weightDecay: 0 };

/** Gradients of so many steps: of another size each, and one that is 0. */
const gradients = Array.from({ length: 8 }, (_, step) => [10 ** (step % 3), -0.01 * step, 0, Math.cos(step)]);

const weightOf = (values: number[]): tf.Variable => tf.tidy(() => tf.variable(tf.tensor1d(values)));

onEngines('train: optimizers', () => {
  it('adam moves weights as tf.train.adam does', () => {
    const [own, other] = [weightOf(FIRST), weightOf(FIRST)];
    const mover = moverOf(own, { ...SETTINGS, optimizer: 'adam' });
    const reference = tf.train.adam(0.05, 0.9, 0.999, 1e-8);
    for (const gradient of gradients) {
      tf.tidy(() => {
        mover.move(tf.tensor1d(gradient), tf.scalar(0.05));
        reference.applyGradients([{ name: other.name, tensor: tf.tensor1d(gradient) }]);
      });
    }
    const expected = [...other.dataSync()];
    [...own.dataSync()].forEach((value, i) => expect(value).to.be.closeTo(expected[i]!, 1e-5));
    // By about the rate in each step, however large the gradients are.
    expect(own.dataSync()[3]).to.not.equal(FIRST[3]);
    expect(own.dataSync()[2]).to.equal(0);
    tf.dispose([own, other, mover.kept]);
    reference.dispose();
  });

  for (const optimizer of ['sgd', 'adam'] as const) {
    it(`${optimizer} goes on from what it keeps`, () => {
      const [through, halted] = [weightOf(FIRST), weightOf(FIRST)];
      const settings = { ...SETTINGS, weightDecay: 0.01, optimizer };
      const [one, before] = [moverOf(through, settings), moverOf(halted, settings)];
      const step = (mover: typeof one, i: number): void =>
        tf.tidy(() => void mover.move(tf.tensor1d(gradients[i]!), tf.scalar(0.05)));
      gradients.forEach((_, i) => step(one, i));
      gradients.slice(0, 4).forEach((_, i) => step(before, i));
      const after = moverOf(halted, settings);
      const kept = new Map(keptAs('weight', before));
      for (const [name, variable] of keptAs('weight', after)) variable.assign(kept.get(name)!);
      gradients.slice(4).forEach((_, i) => step(after, i + 4));
      expect([...halted.dataSync()]).to.deep.equal([...through.dataSync()]);
      expect([...halted.dataSync()]).to.not.deep.equal(FIRST);
      tf.dispose([through, halted, one.kept, before.kept, after.kept]);
    });
  }
});
