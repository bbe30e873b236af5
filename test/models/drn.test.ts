import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { ENGINES } from '../../src/engine/engines/registry.js';
import { startEngine } from '../../src/engine/start.js';
import { toReference } from '../../src/models/layout.js';
import type { Network } from '../../src/models/network.js';
import { createNetwork } from '../../src/models/registry.js';
import { loadStateDict, stateDict } from '../../src/models/state-dict.js';
import { softmaxCrossEntropy } from '../../src/ops/index.js';
import { missing } from '../support/tools.js';
import { UNCHANGED } from './support/unchanged.js';
import { formulaBatch, formulaState } from './support/formula.js';
import { readResults } from './support/results.js';

const SMALL = ['drn-d-22', 'drn-d-24', 'drn-d-38', 'drn-d-54', 'drn-c-26', 'drn-c-42'];
const [HEIGHT, WIDTH] = [32, 40];

/** What PyTorch 2.11 computed, by scripts/fixtures/drn.py. */
const resultsOf = (name: string) => readResults(`test/fixtures/drn/${name}.safetensors`);

/** A network with the fixture's weights, on the running engine. */
function makeNetwork(name: string, classes: number, width: number): Network {
  const network = createNetwork({ name, classes, width }, { preprocessing: UNCHANGED });
  loadStateDict(network, formulaState(network.parameters));
  return network;
}

/** The fixture's images `[batch, height, width, 3]` and labels. */
function makeBatch(batch: number, classes: number): { images: tf.Tensor4D; labels: tf.Tensor3D } {
  const { images, labels } = formulaBatch([batch, HEIGHT, WIDTH], classes);
  return {
    images: tf.tidy(() => tf.transpose(tf.tensor4d(images, [batch, 3, HEIGHT, WIDTH]), [0, 2, 3, 1])),
    labels: tf.tensor3d(labels, [batch, HEIGHT, WIDTH], 'int32'),
  };
}

/** Logits `[batch, height, width, classes]` in PyTorch's order. */
function planes(logits: tf.Tensor): Float32Array {
  return tf.tidy(() => tf.transpose(logits, [0, 3, 1, 2]).dataSync() as Float32Array).slice();
}

function distance(actual: Float32Array, expected: Float32Array): number {
  expect(actual.length).to.equal(expected.length);
  return expected.reduce((far, value, i) => Math.max(far, Math.abs(value - actual[i]!)), 0);
}

/** Distance over the largest expected value. */
function relative(actual: Float32Array, expected: Float32Array): number {
  return distance(actual, expected) / expected.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
}

/** One forward and backward pass by batch statistics. */
function trainOnce(network: Network, names: string[]) {
  const state = network.parameters.filter(({ name }) => names.includes(name));
  const { images, labels } = makeBatch(2, 3);
  let logits: Float32Array | undefined;
  const { value, grads } = tf.variableGrads(
    () => {
      const y = network.forward(images, () => 'batch').logits as tf.Tensor4D;
      logits = planes(y);
      return softmaxCrossEntropy(y, labels, 255);
    },
    state.map(({ variable }) => variable),
  );
  const gradients = new Map(
    state.map((parameter) => {
      const { name, variable } = parameter;
      const gradient = grads[variable.name]!;
      return [name, toReference(gradient.dataSync() as Float32Array, parameter)];
    }),
  );
  const loss = value.dataSync()[0]!;
  tf.dispose([value, grads, images, labels]);
  return { logits: logits!, loss, gradients };
}

for (const engine of ENGINES) {
  describe(`DRN on ${engine.name}`, () => {
    before(async function () {
      if (!(await engine.isInstalled())) missing(this, `needs ${engine.name}; npm run setup installs it`);
      await startEngine({ engine: engine.name });
    });

    for (const name of SMALL) {
      it(`${name} gives PyTorch's logits`, () => {
        const network = makeNetwork(name, 3, 0.125);
        const { images, labels } = makeBatch(2, 3);
        const logits = tf.tidy(() => planes(network.forward(images).logits!));
        expect(distance(logits, resultsOf(name).get('eval_logits')!)).to.be.below(1e-5);
        tf.dispose([images, labels]);
        network.dispose();
      });

      it(`${name} trains as PyTorch: logits, loss, running statistics and gradients`, () => {
        const before = tf.memory().numTensors;
        const network = makeNetwork(name, 3, 0.125);
        const results = resultsOf(name);
        const traced = [...results.keys()].filter((key) => key.startsWith('grad/')).map((key) => key.slice(5));
        const { logits, loss, gradients } = trainOnce(network, traced);
        expect(distance(logits, results.get('train_logits')!)).to.be.below(3e-4);
        expect(loss).to.be.closeTo(results.get('loss')![0]!, 1e-5);
        expect([...gradients.keys()])
          .to.have.members(traced)
          .and.have.length.above(6);
        for (const [key, gradient] of gradients) {
          expect(relative(gradient, results.get(`grad/${key}`)!), key).to.be.below(1e-3);
        }
        for (const [key, { data }] of stateDict(network)) {
          if (key.includes('running')) expect(relative(data, results.get(key)!), key).to.be.below(1e-4);
        }
        network.dispose();
        expect(tf.memory().numTensors).to.equal(before);
      });
    }

    // On cpu it would take as long as all the others together, and would show nothing that they do not.
    if (engine.name === 'cpu') return;
    it("drn-d-22 at full width with 19 classes gives PyTorch's logits", () => {
      const network = makeNetwork('drn-d-22', 19, 1);
      const { images, labels } = makeBatch(1, 19);
      const logits = tf.tidy(() => planes(network.forward(images).logits!));
      expect(distance(logits, resultsOf('drn-d-22-full').get('eval_logits')!)).to.be.below(1e-5);
      tf.dispose([images, labels]);
      network.dispose();
    });
  });
}
