import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { sha256 } from '../../../src/common/files.js';
import { baseHash, loadCheckpoint, networkOf, onnxSource } from '../../../src/models/checkpoint.js';
import type { Network } from '../../../src/models/network.js';
import { describeOnnx } from '../../../src/models/onnx/describe.js';
import { runOnnx } from '../../../src/models/onnx/index.js';
import { writeMerged } from '../../../src/models/onnx/merge-state.js';
import { importTfjs } from '../../../src/models/tfjs/import.js';
import { readTfjs } from '../../../src/models/tfjs/read.js';
import { runTfjs } from '../../../src/models/tfjs/reference.js';
import { verifyTfjs } from '../../../src/models/tfjs/verify.js';
import { stateDict } from '../../../src/models/state-dict.js';
import { expectClose, useEngine } from '../../support/engines.js';
import { expectFailure } from '../../support/failure.js';
import { drawn, graphFile, integers } from './support/build.js';
import { expectSame } from './support/compare.js';
import { tinyFile, tinyParts } from './support/tiny.js';

describe('tfjs: a GraphModel as a checkpoint', () => {
  let root: string;
  let base: string;
  let file: string;
  let network: Network;
  before(async function () {
    await useEngine(this, 'cpu');
    root = mkdtempSync(join(tmpdir(), 'gearnn-'));
    base = join(root, 'base');
    file = tinyFile();
    await importTfjs({ file, out: base, task: 'foreground' });
    network = networkOf(await loadCheckpoint(base));
  });
  after(() => {
    network.dispose();
    rmSync(root, { recursive: true });
  });

  const picture = (height: number, width: number): tf.Tensor4D =>
    tf.tensor4d(drawn(1, height, width, 3).values.map((value) => 60 * (value + 2)), [1, height, width, 3]); // prettier-ignore

  it('is an ONNX file of it, and what is known of it', async () => {
    expect(await readdir(base)).to.have.members(['config.json', 'model.onnx']);
    const { hash, config } = await loadCheckpoint(base);
    expect(hash)
      .to.equal(sha256(readFileSync(join(base, 'model.onnx'))))
      .and.to.equal(await baseHash(base));
    expect(config.onnx).to.deep.include({ file: 'model.json', compare: ['mask'], answer: 'sigmoid' });
    expect(config.onnx!.input).to.deep.equal({ name: 'images', layout: 'nhwc', channels: 'rgb', stride: 2 });
    expect(config.preprocessing).to.deep.equal({ mean: [0, 0, 0], std: [1, 1, 1] });
  });

  it('is the same to the byte each time', async () => {
    const again = join(root, 'again');
    const { hash } = await importTfjs({ file, out: again, task: 'foreground' });
    expect(hash).to.equal(await baseHash(base));
  });

  it("has the file's weights under its names, and scales and shifts where no normalization follows", () => {
    const roles = Object.fromEntries(network.parameters.map(({ name, role }) => [name, role]));
    expect(roles).to.deep.equal({
      'stem/kernel': 'weight',
      'norm/gamma': 'scale',
      'norm/beta': 'shift',
      'norm/mean': 'mean',
      'norm/variance': 'variance',
      'depth/kernel': 'weight',
      'depth/bias': 'bias',
      'depth.scale': 'scale',
      'head/kernel': 'weight',
      'head/bias': 'bias',
      'head.scale': 'scale',
      'last/kernel': 'weight',
      'last.scale': 'scale',
      'last.shift': 'shift',
    });
  });

  for (const [height, width] of [
    [8, 10],
    [6, 4],
  ] as const)
    // prettier-ignore
    it(`answers as TensorFlow.js does, for ${height} x ${width} pixels`, async () => {
      const images = picture(height, width);
      const scaled = tf.div(images, 255);
      const [theirs] = await runTfjs(file, { images: scaled }, ['mask']);
      const own = tf.tidy(() => network.raw!(images)['mask']!.tensor.dataSync());
      const logits = tf.tidy(() => tf.sigmoid(network.forward(images)['logits']!).dataSync());
      expectClose(own, theirs!.dataSync(), 1e-5);
      expectClose(logits, theirs!.dataSync(), 1e-5);
      tf.dispose([images, scaled, theirs!]);
    });

  it("is verified against TensorFlow.js' own executor", async () => {
    const images = picture(8, 8);
    const { input } = (await loadCheckpoint(base)).config.onnx!;
    const verified = await verifyTfjs({ path: file, onnx: join(base, 'model.onnx') }, network, input, images);
    images.dispose();
    expect(verified.map(({ name }) => name)).to.deep.equal(['mask']);
    expect(verified[0]!.largest).to.be.within(0.1, 1);
    expect(verified[0]!.difference).to.be.below(1e-6);
  });

  it('has the gradients that TensorFlow.js gives of variables among the weights of its executor', async () => {
    const images = picture(8, 10);
    const graph = await tf.loadGraphModel(tf.io.fromMemory(await artifacts(file)));
    const { weightMap } = (graph as unknown as { executor: { weightMap: Record<string, tf.Tensor[]> } }).executor;
    const names = network.parameters.filter(({ name }) => name in weightMap && !name.startsWith('norm/')).map(({ name }) => name); // prettier-ignore
    const variables = names.map((name) => tf.variable(weightMap[name]![0]!));
    names.forEach((name, i) => (weightMap[name] = [variables[i]!]));
    const loss = (mask: tf.Tensor): tf.Scalar => tf.mean(tf.square(mask)) as tf.Scalar;
    const theirs = tf.variableGrads(() => loss(graph.predict(tf.div(images, 255)) as tf.Tensor), variables);
    const own = network.parameters.filter(({ name }) => names.includes(name)).map(({ variable }) => variable);
    const ours = tf.variableGrads(() => loss(tf.sigmoid(network.forward(images)['logits']!)), own);
    expect(names).to.have.length(6);
    names.forEach((name, i) => {
      const expected = theirs.grads[variables[i]!.name]!.dataSync();
      expectClose(ours.grads[own[i]!.name]!.dataSync(), expected, 1e-5, name);
      expect(Math.max(...expected.map(Math.abs)), name).to.be.above(1e-6);
    });
    tf.dispose([images, variables, theirs, ours]);
    graph.dispose();
  });

  it('exports as ONNX with other weights', async () => {
    const checkpoint = await loadCheckpoint(base);
    const state = stateDict(network);
    state.get('last.scale')!.data.fill(2);
    state.get('last.shift')!.data.fill(0.5);
    const out = join(root, 'merged.onnx');
    await writeMerged(onnxSource(checkpoint)!, state, out);
    const images = tf.zeros([1, 4, 4, 3]);
    const [before, after] = [await runOnnx(join(base, 'model.onnx'), { images }), await runOnnx(out, { images })];
    const logit = (value: number): number => Math.log(value / (1 - value));
    const [first, second] = [before, after].map((outputs) => [...outputs['mask']!.dataSync()].map(logit));
    expectClose(second!, first!.map((value) => 2 * value + 0.5), 1e-4); // prettier-ignore
    tf.dispose([images, before, after]);
  });
});

describe('tfjs: graphs with operations that gearnn lacks', () => {
  let root: string;
  before(async function () {
    await useEngine(this, 'cpu');
    root = mkdtempSync(join(tmpdir(), 'gearnn-'));
  });
  after(() => rmSync(root, { recursive: true }));

  /** The tiny network with a loop and the suppression of boxes behind it. */
  const withLoop = (): string => {
    const parts = tinyParts();
    parts.nodes.push(
      { op: 'Enter', name: 'enter', inputs: ['mask'] },
      { op: 'Merge', name: 'merge', inputs: ['enter', 'next'] },
      { op: 'NextIteration', name: 'next', inputs: ['merge'] },
      { op: 'Exit', name: 'exit', inputs: ['merge'] },
      { op: 'Where', name: 'found', inputs: ['exit'] },
      { op: 'Identity', name: 'boxes', inputs: ['found'] },
    );
    return graphFile({ ...parts, outputs: ['boxes'] });
  };

  it('name each with its node, all at once', async () => {
    const { missing } = describeOnnx((await readTfjs(withLoop())).model);
    expect(missing).to.have.deep.members([
      { op: 'tensorflow.Enter', node: 'enter' },
      { op: 'tensorflow.NextIteration', node: 'next' },
      { op: 'tensorflow.Merge', node: 'merge' },
      { op: 'tensorflow.Exit', node: 'exit' },
      { op: 'tensorflow.Where', node: 'found' },
    ]);
  });

  it('are imported up to a value in front of them, with channels last as the file has it', async () => {
    const out = join(root, 'front');
    const { use } = await importTfjs({ file: withLoop(), out });
    expect(use.compare).to.deep.equal(['last']);
    const images = tf.zeros<tf.Rank.R4>([1, 8, 8, 3]);
    const network = networkOf(await loadCheckpoint(out));
    const outputs = network.forward(images);
    expect(Object.values(outputs).map(({ shape }) => shape)).to.deep.equal([[1, 4, 4, 1]]);
    network.dispose();
    tf.dispose([images, outputs]);
  });

  it('are refused where nothing in front of them can be computed', async () => {
    const nodes = [
      { op: 'Where', name: 'places', inputs: ['x'] },
      { op: 'Unique', name: 'some', inputs: ['places'] },
    ];
    const file = graphFile({ inputs: { x: [1, 4, 4, 3] }, nodes });
    await expectFailure(importTfjs({ file, out: join(root, 'none') }), 'E_ONNX_OPS', 'Where "places", tensorflow.Unique "some"'); // prettier-ignore
  });

  it('a convolution whose filter is computed is one of them', async () => {
    const nodes = [{ op: 'Conv2D', name: 'y', inputs: ['x', 'w'], attributes: { strides: [1, 1, 1, 1] } }];
    const { model } = await readTfjs(graphFile({ inputs: { x: [1, 4, 4, 3], w: [1, 1, 3, 2] }, nodes }));
    expect(describeOnnx(model).missing).to.deep.equal([{ op: 'tensorflow.Conv2D', node: 'y' }]);
  });
});

const ONES = { strides: [1, 1, 1, 1], dilations: [1, 1, 1, 1], padding: 'SAME', data_format: 'NHWC' };

describe('tfjs: weights that several nodes take', () => {
  before(async function () {
    await useEngine(this, 'cpu');
  });

  it('keep their numbers for each, in the order that it takes', async () => {
    const w = drawn(1, 1, 2, 2);
    const nodes = [
      { op: 'Identity', name: 'read', inputs: ['w'] },
      { op: 'Conv2D', name: 'conv', inputs: ['x', 'read'], attributes: ONES },
      { op: 'Mul', name: 'y', inputs: ['conv', 'read'] },
      { op: 'Conv2DBackpropInput', name: 'z', inputs: ['sizes', 'w', 'conv'], attributes: ONES }, // prettier-ignore
    ];
    const file = graphFile({
      inputs: { x: [1, 2, 2, 2] },
      weights: { w, sizes: integers([1, 2, 2, 2]) },
      nodes,
      outputs: ['y', 'z'],
    });
    await expectSame(file, { x: drawn(1, 2, 2, 2) }, 1e-6);
  });
});

describe('tfjs: outputs that are not computed', () => {
  before(async function () {
    await useEngine(this, 'cpu');
  });

  it('are a constant that the file holds, and an input of whole numbers', async () => {
    const nodes = [
      { op: 'Identity', name: 'y', inputs: ['w'] },
      { op: 'Identity', name: 'z', inputs: ['x'] },
    ];
    const file = graphFile({ inputs: { x: [2] }, types: { x: 'DT_INT32' }, weights: { w: drawn(3) }, nodes, outputs: ['y', 'z'] }); // prettier-ignore
    await expectSame(file, { x: integers([3, 4]) }, 0);
  });
});

/** A model in memory. */
async function artifacts(file: string): Promise<tf.io.ModelArtifacts> {
  const json = JSON.parse(readFileSync(file, 'utf8')) as tf.io.ModelJSON;
  const bytes = readFileSync(join(file, '..', json.weightsManifest[0]!.paths[0]!));
  return {
    modelTopology: json.modelTopology,
    weightSpecs: json.weightsManifest[0]!.weights,
    weightData: new Uint8Array(bytes).buffer,
    ...(json.signature && { signature: json.signature }),
  };
}
