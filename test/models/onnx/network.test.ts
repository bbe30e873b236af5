import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { compile } from '../../../src/engine/compile.js';
import type { Network } from '../../../src/models/network.js';
import type { OnnxSource } from '../../../src/models/onnx/config.js';
import { runOnnx } from '../../../src/models/onnx/index.js';
import { createNetwork } from '../../../src/models/registry.js';
import { expectTensor, onEngines } from '../../support/engines.js';
import { floats, modelFile, type GraphParts, type NodeParts } from './support/build.js';
import { tinyFile } from './support/tiny.js';

const PLAIN = { mean: [0, 0, 0], std: [1 / 255, 1 / 255, 1 / 255] } as { mean: [number, number, number]; std: [number, number, number] }; // prettier-ignore

function networkOf(path: string, task: OnnxSource['task'], more: Partial<OnnxSource> = {}, classes = 2): Network {
  const input = { name: 'x', layout: 'nchw', channels: 'rgb', stride: 1, ...more.input } as const;
  const onnx = { path, task, compare: ['y'], answer: 'logits', ...more, input } as OnnxSource;
  return createNetwork({ name: 'onnx', classes, width: 1 }, { seed: null, preprocessing: PLAIN, onnx });
}

/** A network of one node or several. */
function file(
  nodes: NodeParts[],
  shape: (number | string)[] = ['n', 3, 'h', 'w'],
  rest: Partial<GraphParts> = {},
): string {
  return modelFile({ nodes, inputs: { x: shape }, ...rest });
}

const picture = (): tf.Tensor4D => tf.tensor4d([1, 2, 3, 4, 5, 6], [1, 1, 2, 3]);

function use<T>(network: Network, run: (network: Network) => T): void {
  try {
    tf.tidy(() => void run(network));
  } finally {
    network.dispose();
  }
}

onEngines('models/onnx: networks', () => {
  it('answers as the file does, until a scale multiplies what its node computes in front of its bias', async () => {
    const path = tinyFile(3);
    const images = tf.randomUniform<tf.Rank.R4>([1, 6, 8, 3], 0, 255, 'float32', 4);
    const given = tf.transpose(images, [0, 3, 1, 2]);
    const { answer } = await runOnnx(path, { images: given });
    use(networkOf(path, 'features', { compare: ['answer'], input: { name: 'images' } as never }, 1), (network) => {
      expectTensor(network.forward(images)['answer']!, answer!, 1e-4);
      const variable = (name: string): tf.Variable => network.parameters.find((one) => one.name === name)!.variable;
      const bias = tf.reshape(variable('head.b'), [1, 3, 1, 1]);
      const factors = tf.tensor4d([2, -1, 0.5], [1, 3, 1, 1]);
      variable('head.scale').assign(tf.tensor1d([2, -1, 0.5]));
      expectTensor(network.forward(images)['answer']!, tf.add(tf.mul(tf.sub(answer!, bias), factors), bias), 1e-4);
    });
    tf.dispose([images, given, answer!]);
  });

  it('the last axis of a product is scaled, whatever its rank', () => {
    const nodes: NodeParts[] = [
      { op: 'Flatten', inputs: ['x'], outputs: ['flat'], attributes: { axis: 2 } },
      { op: 'Unsqueeze', inputs: ['flat', 'axes'], outputs: ['rows'] },
      { op: 'MatMul', name: 'm', inputs: ['rows', 'w'] },
    ];
    const axes = { name: 'axes', dims: [1], dataType: 7, int64Data: [0] };
    const path = file(nodes, [1, 3, 1, 2], { initializers: [floats('w', [2, 2], [1, 0, 0, 1]), axes] });
    use(networkOf(path, 'features', {}, 1), (network) => {
      const [scale, shift] = ['m.scale', 'm.shift'].map((name) => network.parameters.find((one) => one.name === name)!);
      scale!.variable.assign(tf.tensor1d([10, 100]));
      shift!.variable.assign(tf.tensor1d([0.5, 0]));
      const expected = tf.tensor3d([10.5, 400, 20.5, 500, 30.5, 600], [1, 3, 2]);
      expectTensor(network.forward(picture())['y']!, expected, 1e-5);
    });
  });

  it('a file that takes one picture without an axis for the batch gets pictures one by one', async () => {
    const nodes: NodeParts[] = [
      { op: 'Unsqueeze', inputs: ['x', 'axes'], outputs: ['batch'] },
      { op: 'Conv', name: 'c', inputs: ['batch', 'w'], outputs: ['y'] },
      { op: 'ReduceMax', inputs: ['y', 'sides'], outputs: ['most'], attributes: { keepdims: 0 } },
      { op: 'Squeeze', inputs: ['most', 'axes'], outputs: ['z'] },
    ];
    const whole = (name: string, values: number[]) => ({
      ...{ name, dims: [values.length], dataType: 7, int64Data: values },
    });
    const weights = floats('w', [2, 3, 1, 1], [1, 0, 0, 0, 1, -1]);
    const initializers = [weights, whole('axes', [0]), whole('sides', [2, 3])];
    const path = file(nodes, [3, 'h', 'w'], { initializers, outputs: ['y', 'z'] });
    const images = tf.randomUniform<tf.Rank.R4>([2, 2, 3, 3], 0, 255, 'float32', 5);
    const input = { unbatched: true } as never;
    const network = networkOf(path, 'features', { compare: ['y', 'z'], input }, 1);
    const pictures = tf.unstack(images);
    const given = pictures.map((one) => tf.transpose(one, [2, 0, 1]));
    const expected = await Promise.all(given.map((x) => runOnnx(path, { x })));
    use(network, () => {
      const answers = network.forward(images);
      expect(answers['y']!.shape).to.deep.equal([2, 2, 2, 3]);
      expect(answers['z']!.shape).to.deep.equal([2, 2]);
      for (const name of ['y', 'z']) {
        const stacked = expected.map((one) => one[name]!);
        expectTensor(answers[name]!, name === 'y' ? tf.concat(stacked) : tf.stack(stacked), 1e-3);
      }
      // As the file gives it.
      expect(network.raw!(tf.slice(images, 0, 1))['z']!.tensor.shape).to.deep.equal([2]);
    });
    tf.dispose([images, pictures, given, expected]);
  });

  it('sizes that any operation computes of the shape alone are known in a compiled graph too', () => {
    const nodes: NodeParts[] = [
      { op: 'Shape', inputs: ['x'], outputs: ['shape'] },
      { op: 'ReduceMin', inputs: ['shape'], outputs: ['least'] },
      { op: 'Mul', inputs: ['pads', 'least'], outputs: ['scaled'] },
      { op: 'Pad', inputs: ['x', 'scaled'] },
    ];
    const pads = { name: 'pads', dims: [8], dataType: 7, int64Data: [0, 0, 0, 0, 0, 0, 1, 2] };
    use(networkOf(file(nodes, ['n', 3, 'h', 'w'], { initializers: [pads] }), 'features', {}, 1), (network) => {
      const compiled = compile((images: tf.Tensor) => network.forward(images as tf.Tensor4D)['y']!);
      expect(compiled(picture()).shape).to.deep.equal([1, 3, 2, 4]);
      compiled.dispose();
    });
  });

  it('pictures come as the file takes them: channels in any order, one of grey, either layout', () => {
    const same = [{ op: 'Identity' }];
    const seen = (shape: (number | string)[], input: object): number[] => {
      const network = networkOf(file(same, shape), 'features', { input: input as never }, 1);
      const values = tf.tidy(() => [...network.forward(picture())['y']!.dataSync()]);
      network.dispose();
      return values.map((value) => Number(value.toFixed(3)));
    };
    expect(seen(['n', 3, 'h', 'w'], {})).to.deep.equal([1, 4, 2, 5, 3, 6]);
    expect(seen(['n', 3, 'h', 'w'], { channels: 'bgr' })).to.deep.equal([3, 6, 2, 5, 1, 4]);
    expect(seen(['n', 'h', 'w', 3], { layout: 'nhwc' })).to.deep.equal([1, 2, 3, 4, 5, 6]);
    expect(seen(['n', 1, 'h', 'w'], { channels: 'gray' })).to.deep.equal([1.815, 4.815]);
  });

  it('a letterbox keeps the shape of the picture between grey borders, and its answer is of the picture', () => {
    const input = { size: { height: 4, width: 4 }, fit: 'letterbox' } as never;
    const path = file([{ op: 'Identity' }], ['n', 3, 4, 4]);
    use(networkOf(path, 'features', { input }, 1), (network) => {
      const rows = network
        .forward(tf.fill([1, 2, 4, 3], 7))
        ['y']!.dataSync()
        .slice(0, 16);
      expect([...rows].map(Math.round)).to.deep.equal([...Array(4).fill(114), ...Array(8).fill(7), ...Array(4).fill(114)]); // prettier-ignore
    });
    use(networkOf(path, 'segmentation', { input }, 3), (network) => {
      const { logits } = network.forward(tf.fill([1, 2, 4, 3], 7));
      expectTensor(logits!, tf.fill([1, 2, 4, 3], 7), 1e-4);
    });
  });

  it('logits of probabilities are what the last node takes, or their logarithm', () => {
    const last = (op: string): NodeParts[] => [
      { op: 'ReduceMean', inputs: ['x'], outputs: ['means'], attributes: { axes: [2, 3], keepdims: 0 } },
      { op, inputs: ['means'], attributes: { axis: 1 } },
    ];
    use(networkOf(file(last('Softmax')), 'classification', { answer: 'softmax' }, 3), (network) => {
      expectTensor(network.forward(picture())['logits']!, tf.tensor2d([[2.5, 3.5, 4.5]]), 1e-5);
    });
    const behind = [...last('Softmax').slice(0, 1), { op: 'Softmax', inputs: ['means'], outputs: ['p'], attributes: { axis: 1 } }, { op: 'Mul', inputs: ['p', 'one'] }]; // prettier-ignore
    const path = file(behind, undefined, { initializers: [floats('one', [1], [1])] });
    use(networkOf(path, 'classification', { answer: 'softmax' }, 3), (network) => {
      const expected = tf.logSoftmax(tf.tensor2d([[2.5, 3.5, 4.5]]));
      expectTensor(network.forward(picture())['logits']!, expected, 1e-4);
    });
  });

  it('of two maps the foreground is the second, against the first', () => {
    const path = file([{ op: 'Slice', inputs: ['x', 'from', 'to', 'axes'] }], undefined, {
      initializers: [
        ['from', 0],
        ['to', 2],
        ['axes', 1],
      ].map(([name, value]) => ({ name, dims: [1], dataType: 7, int64Data: [value] })),
    });
    use(networkOf(path, 'foreground', {}, 1), (network) => {
      expectTensor(network.forward(picture())['logits']!, tf.tensor4d([1, 1], [1, 1, 2, 1]), 1e-5);
    });
  });

  it('a file that takes one picture at a time answers several all the same', () => {
    const path = file([{ op: 'Reshape', inputs: ['x', 'shape'] }], [1, 3, 'h', 'w'], {
      initializers: [{ name: 'shape', dims: [2], dataType: 7, int64Data: [1, 6] }],
    });
    use(networkOf(path, 'features', {}, 1), (network) => {
      const both = tf.concat([picture(), tf.mul(picture(), 2)]) as tf.Tensor4D;
      const one = [1, 4, 2, 5, 3, 6];
      expectTensor(network.forward(both)['y']!, tf.tensor2d([one, one.map((value) => 2 * value)]), 1e-5);
    });
  });

  it('says the shapes of its outputs, and gives all of the file as they are', () => {
    const nodes: NodeParts[] = [
      { op: 'Relu', inputs: ['x'], outputs: ['y'] },
      { op: 'Neg', inputs: ['x'], outputs: ['z'] },
    ];
    use(networkOf(file(nodes, undefined, { outputs: ['y', 'z'] }), 'features', {}, 1), (network) => {
      expect(Object.keys(network.forward(picture()))).to.deep.equal(['y']);
      const raw = network.raw!(picture());
      expect(
        Object.fromEntries(
          Object.entries(raw).map(
            ([
              name,
              {
                tensor: { shape },
              },
            ]) => [name, shape],
          ),
        ),
      ).to.deep.equal({
        y: [1, 3, 1, 2],
        z: [1, 3, 1, 2],
      });
      expect(network.outputs!.map(({ name }) => name)).to.deep.equal(['y']);
    });
  });

  it('what it holds while it answers is counted from a run, and frees all of it', () => {
    const network = networkOf(tinyFile(3), 'segmentation', { compare: ['answer'], input: { name: 'images', stride: 2 } as never }, 3); // prettier-ignore
    const before = tf.memory().numTensors;
    const { peak, sum } = network.activations();
    expect(tf.memory().numTensors).to.equal(before);
    // Half the size: norm, sigmoid and stem 4 channels each, body 6, weighed 6, classes 3, all over 4 pixels.
    expect(sum).to.be.closeTo((3 * 4 + 2 * 6 + 3) / 4, 0.1);
    expect(peak).to.be.above(3).and.below(20);
    network.dispose();
  });

  it('refuses an answer of another number of classes', () => {
    use(networkOf(file([{ op: 'Identity' }]), 'segmentation', {}, 5), (network) => {
      expect(() => network.forward(picture()))
        .to.throw(/5 for each pixel/)
        .with.property('code', 'E_ONNX_INPUT');
    });
  });
});

describe('models/onnx: networks by name', () => {
  it('are refused without a file', () => {
    expect(() => createNetwork({ name: 'onnx', classes: 2, width: 1 })).to.throw(/gearnn import/);
  });
});
