import { expect } from 'chai';
import * as tf from '@tensorflow/tfjs';
import { compile } from '../../src/engine/compile.js';
import { nativeBackend } from '../../src/engine/native.js';
import { fusesSlowly } from '../../src/engine/passes/separate-batch-norm.js';
import { createNetwork } from '../../src/models/registry.js';
import { isLearned, type Network } from '../../src/models/network.js';
import { softmaxCrossEntropy } from '../../src/ops/index.js';
import { expectTensor, onEngines, onTensorflow } from '../support/engines.js';

const CONFIG = { name: 'drn-d-22', classes: 5, width: 0.25 };

/** Two small images with labels 0..4, some of them ignored. */
function batch(): [images: tf.Tensor4D, labels: tf.Tensor3D] {
  return tf.tidy(() => [
    tf.randomUniform([2, 32, 48, 3], -2, 2, 'float32', 1),
    tf.cast(tf.floor(tf.randomUniform([2, 32, 48], 0, 5.99, 'float32', 2)), 'int32') as tf.Tensor3D,
  ]);
}

/** The trained weights as variables, and one step of SGD with momentum on them, which moves running statistics too. */
function trainer(network: Network): { step: (x: tf.Tensor4D, y: tf.Tensor3D) => tf.Scalar; momenta: tf.Variable[] } {
  const weights = network.parameters.filter(isLearned).map(({ variable }) => variable);
  const momenta = weights.map((weight) => tf.tidy(() => tf.variable(tf.zerosLike(weight), false)));
  const step = (x: tf.Tensor4D, y: tf.Tensor3D): tf.Scalar => {
    const loss = (): tf.Scalar => softmaxCrossEntropy(network.forward(x, () => 'batch').logits!, y, 5);
    const { value, grads } = tf.variableGrads(loss, weights);
    weights.forEach((weight, i) => {
      const velocity = tf.add(tf.mul(momenta[i]!, 0.9), grads[weight.name]!);
      momenta[i]!.assign(velocity);
      weight.assign(tf.sub(weight, tf.mul(velocity, 0.01)));
    });
    return value;
  };
  return { step, momenta };
}

/** Losses of some steps, and the state after them. */
function train(steps: number, run: 'eager' | 'compiled'): { losses: number[]; state: Float32Array[] } {
  const network = createNetwork(CONFIG, { seed: 3 });
  const { step, momenta } = trainer(network);
  const compiled = run === 'eager' ? undefined : compile(step);
  const [x, y] = batch();
  const losses: number[] = [];
  for (let i = 0; i < steps; i++) {
    tf.tidy(() => {
      const loss = compiled ? compiled(x, y) : step(x, y);
      losses.push(loss.dataSync()[0]!);
    });
  }
  const state = network.parameters.map(({ variable }) => variable.dataSync() as Float32Array);
  compiled?.dispose();
  tf.dispose([x, y, ...momenta]);
  network.dispose();
  return { losses, state };
}

onEngines('compile: DRN', () => {
  it('the forward pass is the eager one bit for bit, but for what one kernel of a convolution and its normalization rounds otherwise', () => {
    const network = createNetwork(CONFIG, { seed: 3 });
    const [x, y] = batch();
    const forward = compile((images: tf.Tensor4D) => network.forward(images).logits!);
    const backend = nativeBackend();
    const apart = backend === null || fusesSlowly(backend.binding);
    tf.tidy(() => expectTensor(forward(x), network.forward(x).logits!, apart ? 0 : 1e-5));
    forward.dispose();
    tf.dispose([x, y]);
    network.dispose();
  });
});

onTensorflow('compile: DRN in training', () => {
  it('three steps of SGD with momentum leave loss, weights and statistics as eagerly, bit for bit', () => {
    const [eager, compiled] = [train(3, 'eager'), train(3, 'compiled')];
    expect(compiled.losses).to.deep.equal(eager.losses);
    expect(eager.losses[2]).to.be.lessThan(eager.losses[0]!);
    compiled.state.forEach((values, i) =>
      expect(Buffer.compare(bytes(values), bytes(eager.state[i]!)), `${i}`).to.equal(0),
    );
  });
});

function bytes(values: Float32Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}
