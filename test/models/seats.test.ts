import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { createNetwork } from '../../src/models/registry.js';
import type { Network } from '../../src/models/network.js';
import { isSeated, withSeats } from '../../src/models/seats.js';
import { expectClose, onEngines } from '../support/engines.js';

/** One of every kind: a strided, a dilated, a 1x1 convolution and one with a bias; all of a normalization, and only a part of one. */
const ITEMS = [
  'base.2.0.weight',
  'base.5.0.conv1.weight',
  'base.3.0.downsample.0.weight',
  'seg.weight',
  'seg.bias',
  'base.0.1.weight',
  'base.0.1.bias',
  'base.0.1.running_mean',
  'base.0.1.running_var',
  'base.4.0.bn1.running_mean',
  'base.4.0.bn1.running_var',
];

onEngines('seats', () => {
  let network: Network;
  let images: tf.Tensor4D;
  /** Of each item, one value per sample. */
  let values: Map<Network['state'][number]['variable'], tf.Tensor[]>;
  const logits = (x: tf.Tensor4D): tf.Tensor4D => network.model.apply(x, { training: false }) as tf.Tensor4D;

  before(() => {
    network = createNetwork({ name: 'drn-d-22', classes: 3, width: 0.125 }, { seed: 3 });
    images = tf.randomUniform([3, 24, 32, 3], -1, 1, 'float32', 7);
    const items = network.state.filter(({ name }) => ITEMS.includes(name));
    expect(items).to.have.length(ITEMS.length);
    values = new Map(
      items.map(({ variable }, i) => [
        variable,
        [0, 1, 2, 3].map((seat) =>
          tf.tidy(() => {
            const noise = tf.randomUniform(variable.shape as number[], 0.5, 1.5, 'float32', 10 * i + seat);
            return tf.add(tf.mul(variable.read(), noise), seat / 100);
          }),
        ),
      ]),
    );
  });
  after(() => {
    tf.dispose([images, ...[...values.values()].flat()]);
    network.dispose();
  });

  /** Each sample by itself, with its values in the variables. */
  function alone(seat: number): Float32Array {
    const own = [...values].map(([variable, all]) => [variable, variable.read().clone(), all[seat]!] as const);
    for (const [variable, , value] of own) variable.write(value);
    try {
      return tf.tidy(() => logits(tf.slice(images, [seat, 0, 0, 0], [1, 24, 32, 3])).dataSync()) as Float32Array;
    } finally {
      for (const [variable, before] of own) {
        variable.write(before);
        before.dispose();
      }
    }
  }

  it('give every sample the answer that it gets alone with its values', () => {
    const seated = new Map([...values].map(([variable, all]) => [variable, all.slice(0, 3)]));
    const together = tf.tidy(() => withSeats({ batch: 3, values: seated }, () => logits(images)).dataSync());
    const each = together.length / 3;
    for (const seat of [0, 1, 2]) {
      const own = alone(seat);
      expectClose(together.slice(seat * each, (seat + 1) * each), own, 1e-5, `seat ${seat}`);
    }
    const [first, second] = [together.slice(0, each), together.slice(each, 2 * each)];
    expect(Math.max(...first.map((v, i) => Math.abs(v - second[i]!)))).to.be.above(0.01);
  });

  it('count only inside the call, also after an error', () => {
    const [variable] = values.keys();
    const before = tf.tidy(() => logits(images).dataSync());
    expect(() =>
      withSeats({ batch: 3, values }, () => {
        expect(isSeated(variable!)).to.equal(true);
        throw new Error('inside');
      }),
    ).to.throw('inside');
    expect(isSeated(variable!)).to.equal(false);
    expect([...tf.tidy(() => logits(images).dataSync())]).to.deep.equal([...before]);
  });

  it('may be more than the samples, so that batches of any length share a graph', () => {
    const two = (): tf.Tensor4D => tf.slice(images, [0, 0, 0, 0], [2, 24, 32, 3]);
    const seated = tf.tidy(() => withSeats({ batch: 2, values }, () => logits(two())).dataSync());
    expectClose(seated.slice(0, seated.length / 2), alone(0), 1e-5);
    expectClose(seated.slice(seated.length / 2), alone(1), 1e-5);
  });
});
