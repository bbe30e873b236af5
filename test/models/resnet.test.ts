import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { toReference } from '../../src/models/layout.js';
import { isLearned, type Network } from '../../src/models/network.js';
import { createNetwork } from '../../src/models/registry.js';
import { loadStateDict, stateDict } from '../../src/models/state-dict.js';
import { requireNetworkFor } from '../../src/models/task.js';
import { segmentationTask } from '../../src/tasks/segmentation/task.js';
import { expectClose, onEngines, onTensorflow } from '../support/engines.js';
import { UNCHANGED } from './support/unchanged.js';
import { formulaBatch, formulaState, uniform } from './support/formula.js';
import { readResults } from './support/results.js';

const BATCH = 3;
type Size = readonly [number, number];

/** What torchvision 0.26 computed, by scripts/fixtures/resnet.py. */
const read = (name: string) => readResults(`test/fixtures/resnet/${name}.safetensors`);

/** The results of one size, without it in front of their names. */
function readSize(name: string, [height, width]: Size): Map<string, Float32Array> {
  const prefix = `${height}x${width}/`;
  return new Map(
    [...read(name)].flatMap(([key, values]) => (key.startsWith(prefix) ? [[key.slice(prefix.length), values]] : [])),
  );
}

/** A network with the fixture's weights, on the running engine. */
function makeNetwork(name: string, classes: number, width: number): Network {
  const network = createNetwork({ name, classes, width }, { seed: null, preprocessing: UNCHANGED });
  const state = formulaState(network.parameters);
  for (const [key, { data }] of state)
    if (key.endsWith('bn3.weight')) data.forEach((value, i) => (data[i] = value * 0.1));
  loadStateDict(network, state);
  return network;
}

/** The fixture's images `[batch, height, width, 3]`. */
function makeImages([height, width]: Size): tf.Tensor4D {
  const { images } = formulaBatch([BATCH, height, width], 1);
  return tf.tidy(() => tf.transpose(tf.tensor4d(images, [BATCH, 3, height, width]), [0, 2, 3, 1]));
}

/** Cross-entropy of logits `[batch, classes]` where the n-th image is of class n. */
function crossEntropy(logits: tf.Tensor): tf.Scalar {
  const labels = tf.oneHot(tf.range(0, BATCH, 1, 'int32'), logits.shape[1]!);
  return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), labels), -1)));
}

/** One forward and backward pass by batch statistics. */
function trainOnce(network: Network, images: tf.Tensor4D) {
  let logits!: tf.Tensor;
  const trained = network.parameters.filter(isLearned);
  const { value, grads } = tf.variableGrads(
    () => {
      logits = tf.keep(network.forward(images, () => 'batch').logits!);
      return crossEntropy(logits);
    },
    trained.map(({ variable }) => variable),
  );
  const gradients = new Map(
    trained.map((parameter) => {
      const { name, variable } = parameter;
      const gradient = grads[variable.name]!;
      return [name, toReference(gradient.dataSync() as Float32Array, parameter)];
    }),
  );
  const result = { logits: logits.dataSync() as Float32Array, loss: value.dataSync()[0]!, gradients };
  tf.dispose([logits, value, grads]);
  return result;
}

/** Expects logits, loss and the sums of every gradient as the reference has them. */
function expectTraining(network: Network, size: Size, results: Map<string, Float32Array>) {
  const images = makeImages(size);
  const { logits, loss, gradients } = trainOnce(network, images);
  images.dispose();
  expectClose(logits, results.get('train_logits')!, 1e-4, 'logits');
  expect(loss).to.be.closeTo(results.get('loss')![0]!, 1e-4);
  const traced = [...results.keys()].filter((key) => key.startsWith('sums/')).map((key) => key.slice(5));
  expect([...gradients.keys()]).to.have.members(traced);
  for (const [name, gradient] of gradients) {
    const [norm, product] = results.get(`sums/${name}`)!;
    const numbers = uniform(`sums/${name}`, gradient.length);
    const own = gradient.reduce((sum, value, i) => sum + value * (2 * numbers[i]! - 1), 0);
    const length = Math.sqrt(gradient.reduce((sum, value) => sum + value * value, 0));
    expect(Math.abs(length - norm!) / norm!, `norm of the gradient by ${name}`).to.be.below(1e-3);
    expect(Math.abs(own - product!) / norm!, `product of the gradient by ${name}`).to.be.below(1e-3);
  }
  return gradients;
}

const SIZES: Size[] = [
  [69, 53],
  [57, 77],
];

onEngines('ResNet', (engine) => {
  for (const name of ['resnet-18', 'resnet-50']) {
    for (const size of SIZES) {
      // Half a minute each in plain JavaScript.
      if (engine === 'cpu' && (name !== 'resnet-18' || size !== SIZES[0])) continue;
      it(`${name} gives torchvision's logits at ${size.join(' x ')}`, () => {
        const network = makeNetwork(name, 5, 0.125);
        const images = makeImages(size);
        const logits = network.forward(images).logits!;
        expect(logits.shape).to.deep.equal([BATCH, 5]);
        expectClose(logits.dataSync(), readSize(name, size).get('eval_logits')!, 1e-4);
        tf.dispose([images, logits]);
        network.dispose();
      });

      it(`${name} trains as torchvision's at ${size.join(' x ')}: logits, loss, gradients and running statistics`, () => {
        const network = makeNetwork(name, 5, 0.125);
        const results = readSize(name, size);
        const gradients = expectTraining(network, size, results);
        const traced = [...results.keys()].filter((key) => key.startsWith('grad/'));
        expect(traced).to.have.length(7);
        for (const key of traced) expectClose(gradients.get(key.slice(5))!, results.get(key)!, 1e-3, key);
        for (const [key, { data }] of stateDict(network)) {
          if (key.includes('running')) expectClose(data, results.get(key)!, 1e-4, key);
        }
        network.dispose();
      });
    }
  }
});

describe('ResNet', () => {
  before(() => tf.setBackend('cpu'));

  it("has torchvision's names in its order", () => {
    const network = createNetwork({ name: 'resnet-50', classes: 3, width: 0.125 }, { seed: null });
    const names = network.parameters.map(({ name }) => name);
    network.dispose();
    const norm = (name: string) => ['weight', 'bias', 'running_mean', 'running_var'].map((part) => `${name}.${part}`);
    const parts = [1, 2, 3].flatMap((i) => [`layer1.0.conv${i}.weight`, ...norm(`layer1.0.bn${i}`)]);
    const shortcut = ['layer1.0.downsample.0.weight', ...norm('layer1.0.downsample.1')];
    const expected = ['conv1.weight', ...norm('bn1'), ...parts, ...shortcut, 'layer1.1.conv1.weight'];
    expect(names.slice(0, expected.length)).to.deep.equal(expected);
    expect(names.slice(-2)).to.deep.equal(['fc.weight', 'fc.bias']);
  });

  it("draws initial weights from its seed as torchvision's are distributed", () => {
    const make = (seed: number) => {
      const network = createNetwork({ name: 'resnet-18', classes: 40, width: 0.5 }, { seed });
      const state = stateDict(network);
      network.dispose();
      return state;
    };
    const state = make(3);
    const spread = (name: string): number => {
      const { data } = state.get(name)!;
      return Math.sqrt(data.reduce((sum, value) => sum + value * value, 0) / data.length);
    };
    // kaiming_normal_, fan_out: sqrt(2 / (9 x 256)); Linear: uniform within 1 / sqrt(256), which spreads by a root of 3 less.
    expect(spread('layer4.0.conv2.weight')).to.be.closeTo(Math.sqrt(2 / (9 * 256)), 3e-4);
    expect(spread('fc.weight')).to.be.closeTo(1 / 16 / Math.sqrt(3), 1e-3);
    expect(Math.max(...state.get('fc.weight')!.data)).to.be.within(0.06, 1 / 16);
    expect(Math.max(...state.get('fc.bias')!.data.map(Math.abs))).to.be.within(0.04, 1 / 16);
    expect([...state.get('bn1.weight')!.data, ...state.get('bn1.running_var')!.data].every((v) => v === 1)).to.equal(
      true,
    );
    expect([...state.get('bn1.bias')!.data, ...state.get('bn1.running_mean')!.data].every((v) => v === 0)).to.equal(
      true,
    );
    expect(Object.fromEntries(make(3))).to.deep.equal(Object.fromEntries(state));
    expect(make(4).get('fc.weight')!.data).not.to.deep.equal(state.get('fc.weight')!.data);
  });

  it('multiplies its channels by the width, in multiples of 8 and at least 8', () => {
    const network = createNetwork({ name: 'resnet-50', classes: 3, width: 0.3 }, { seed: null });
    const shapes = new Map(network.parameters.map(({ name, shape }) => [name, shape]));
    network.dispose();
    expect(shapes.get('conv1.weight')).to.deep.equal([16, 3, 7, 7]); // 64 x 0.3 = 19.2
    expect(shapes.get('layer2.0.conv2.weight')).to.deep.equal([40, 40, 3, 3]); // 128 x 0.3 = 38.4
    expect(shapes.get('fc.weight')).to.deep.equal([3, 4 * 152]); // 512 x 0.3 = 153.6
  });

  it('tells up to 65,535 classes apart, where a network of pixels stops at 255', () => {
    const config = { width: 0.125, classes: 65_536 };
    expect(() => createNetwork({ ...config, name: 'resnet-18' })).to.throw(/1 to 65535/).with.property('code', 'E_USAGE'); // prettier-ignore
    expect(() => createNetwork({ ...config, name: 'drn-d-22' }))
      .to.throw(/1 to 255/)
      .with.property('code', 'E_USAGE');
  });
});

describe('segmentation with a ResNet', () => {
  before(() => tf.setBackend('cpu'));

  it('is refused, naming the network', () => {
    const network = createNetwork({ name: 'resnet-18', classes: 3, width: 0.125 }, { seed: null });
    expect(() => requireNetworkFor(segmentationTask(255), network))
      .to.throw(/a network for segmentation.*resnet-18, which is made for classification/)
      .with.property('code', 'E_USAGE');
    network.dispose();
  });
});

onTensorflow('ResNet at full width with 1,000 classes', () => {
  for (const name of ['resnet-18', 'resnet-50']) {
    it(`${name} gives torchvision's logits and trains as it`, () => {
      const network = makeNetwork(name, 1000, 1);
      const results = read(`${name}-full`);
      const images = makeImages([35, 49]);
      const logits = network.forward(images).logits!;
      expectClose(logits.dataSync(), results.get('eval_logits')!, 1e-4);
      tf.dispose([images, logits]);
      expectTraining(network, [35, 49], results);
      network.dispose();
    });
  }
});
