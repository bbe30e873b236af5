import { expect } from 'chai';
import * as tf from '@tensorflow/tfjs';
import { join } from 'node:path';
import { compile } from '../../../src/engine/index.js';
import { nativeBackend } from '../../../src/engine/native.js';
import { compileOnnx, runOnnx } from '../../../src/models/onnx/index.js';
import { OnnxGraph } from '../../../src/models/onnx/graph.js';
import { filterAxes } from '../../../src/models/onnx/ops/convolve.js';
import { Value } from '../../../src/models/onnx/value.js';
import { expectClose, onEngines, onTensorflow } from '../../support/engines.js';
import { expectFailure } from '../../support/failure.js';
import { ROOT } from '../../support/sources.js';
import { floats, parsed, TYPES, withFile, type GraphParts } from './support/build.js';
import { kernels } from './support/kernels.js';
import { ramp } from './support/ramp.js';
import { refusal } from './support/refusal.js';

/** Two convolutions, a sum, a mean over pixels and a product, as in a classifier. */
const CLASSIFIER: GraphParts = {
  nodes: [
    {
      op: 'Conv',
      inputs: ['x', 'w1', 'b1'],
      outputs: ['c1'],
      attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1] },
    },
    { op: 'Relu', inputs: ['c1'], outputs: ['r1'] },
    { op: 'Conv', inputs: ['r1', 'w2'], outputs: ['c2'] },
    { op: 'Add', inputs: ['c2', 'r1'], outputs: ['sum'] },
    { op: 'MaxPool', inputs: ['sum'], outputs: ['p'], attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
    { op: 'GlobalAveragePool', inputs: ['p'], outputs: ['g'] },
    { op: 'Flatten', inputs: ['g'], outputs: ['f'] },
    { op: 'Gemm', inputs: ['f', 'w3'], attributes: { transB: 1 } },
  ],
  inputs: { x: ['batch', 3, 'height', 'width'] },
  initializers: [
    floats('w1', [4, 3, 3, 3], ramp(108)),
    floats('b1', [4], ramp(4)),
    floats('w2', [4, 4, 1, 1], ramp(16)),
    floats('w3', [2, 4], ramp(8)),
  ],
};

onEngines('onnx: running a graph', (engine) => {
  it('runOnnx takes and gives tensors of the shapes that the file has', () =>
    withFile({ ...CLASSIFIER, outputs: ['p', 'y'] }, async (path) => {
      const x = tf.tensor4d(ramp(96), [2, 3, 4, 4]);
      const { p, y } = await runOnnx(path, { x });
      expect([p!.shape, y!.shape]).to.deep.equal([[2, 4, 2, 2], [2, 2]]); // prettier-ignore
      tf.dispose([x, p!, y!]);
    }));

  it('an input is missing, unknown, or of another type or shape: an error says which', () =>
    withFile(CLASSIFIER, async (path) => {
      const [x, flat, whole] = [tf.zeros([1, 3, 4, 4]), tf.zeros([3, 4, 4]), tf.zeros([1, 3, 4, 4], 'int32')];
      await expectFailure(runOnnx(path, {}), 'E_ONNX_INPUT', 'expected x');
      await expectFailure(runOnnx(path, { x, z: x }), 'E_ONNX_INPUT', 'z');
      await expectFailure(runOnnx(path, { x: flat }), 'E_ONNX_INPUT', '[batch,3,height,width]', '[3,4,4]');
      await expectFailure(runOnnx(path, { x: whole }), 'E_ONNX_INPUT', 'float32', 'int32');
      tf.dispose([x, flat, whole]);
    }));

  it('weights that are given as variables take gradients, as a change of each changes the result', () => {
    const graph = new OnnxGraph(parsed(CLASSIFIER));
    const floating = [...graph.model.graph.initializers].filter(([, { type }]) => type === 'float32');
    const variables = floating.map(([name, { data, shape }]) => ({
      name,
      variable: tf.tidy(() => tf.variable(tf.tensor(data as Float32Array, shape))),
    }));
    expect(variables).to.have.length.above(1);
    const x = tf.tensor4d(ramp(48), [1, 3, 4, 4]);
    const loss = (): tf.Scalar =>
      tf.tidy(() => {
        const given = new Map([['x', Value.of('float32', x)]]);
        for (const { name, variable } of variables) given.set(name, Value.of('float32', variable));
        return tf.sum(tf.square(graph.run(given).get('y')!.tensor())) as tf.Scalar;
      });
    const { value, grads } = tf.variableGrads(loss, variables.map(({ variable }) => variable)); // prettier-ignore
    const at = (): number => {
      const scalar = loss();
      const number = scalar.dataSync()[0]!;
      scalar.dispose();
      return number;
    };
    for (const { variable } of variables) {
      const data = variable.dataSync().slice() as Float32Array;
      const shifted = (by: number): number => {
        const moved = data.slice();
        moved[1]! += by;
        tf.tidy(() => variable.assign(tf.tensor(moved, variable.shape)));
        return at();
      };
      const slope = (shifted(0.01) - shifted(-0.01)) / 0.02;
      shifted(0);
      expect(grads[variable.name]!.dataSync()[1]!).to.be.closeTo(slope, 0.01 * Math.max(1, Math.abs(slope)));
    }
    tf.dispose([x, value, grads, variables.map(({ variable }) => variable)]);
  });

  it('moves a picture to channels last once, and nothing back', async () => {
    const graph = new OnnxGraph(parsed(CLASSIFIER));
    const x = tf.zeros([1, 3, 4, 4]);
    const filters = ['w1', 'w2'].map((name) => {
      const { data, shape } = graph.model.graph.initializers.get(name)!;
      return tf.tidy(() => tf.transpose(tf.tensor(data as Float32Array, shape), filterAxes(4)));
    });
    const run = (): tf.Tensor[] =>
      tf.tidy(() => {
        const given = new Map([['x', Value.of('float32', x)]]);
        ['w1', 'w2'].forEach((name, i) => given.set(name, Value.of('float32', filters[i]!, filterAxes(4))));
        return [tf.clone(graph.run(given).get('y')!.tensor())];
      });
    const moved = (await kernels(run)).filter((name) => name === tf.Transpose);
    expect(moved).to.have.length(1);
    tf.dispose([x, filters]);
  });

  it('compiles to one graph that answers as the ops do', () => {
    const graph = new OnnxGraph(parsed(CLASSIFIER));
    const forward = (x: tf.Tensor): tf.Tensor =>
      graph
        .run(new Map([['x', Value.of('float32', x)]]))
        .get('y')!
        .tensor();
    const x = tf.tensor4d(ramp(96), [2, 3, 4, 4]);
    const compiled = compile(forward, [x] as [tf.Tensor]);
    const [plain, native] = [tf.tidy(() => forward(x)), compiled(x)];
    expect(compiled.graphs).to.equal(engine === 'tensorflow' ? 1 : 0);
    expectClose(native.dataSync(), plain.dataSync(), 1e-6);
    compiled.dispose();
    tf.dispose([x, plain, native]);
  });

  it('a size that is computed from the input is refused by the name of its node where a graph is compiled', () => {
    const nodes = [{ op: 'Reshape', inputs: ['x', 'to'], name: 'view' }, { op: 'Cast', outputs: ['to'], attributes: { to: TYPES.int64 } }]; // prettier-ignore
    const graph = new OnnxGraph(parsed({ nodes, inputs: { x: [1] } }));
    const forward = (x: tf.Tensor): tf.Tensor =>
      graph
        .run(new Map([['x', Value.of('float32', x)]]))
        .get('y')!
        .tensor();
    const x = tf.tensor1d([1]);
    const run = (): void => compile(forward)(x).dispose();
    if (engine === 'tensorflow')
      expect(refusal(run, 'E_ONNX_NODE')).to.match(/Reshape "view".*computed from the input/);
    else run();
    x.dispose();
  });

  it('compileOnnx runs it again and again, at several sizes, with weights that lie on the engine alone', () =>
    withFile(CLASSIFIER, async (path) => {
      const before = tf.memory().numTensors;
      const network = await compileOnnx(path);
      expect([network.inputs.map(({ name }) => name), network.outputs]).to.deep.equal([['x'], ['y']]);
      for (const side of [4, 6, 4]) {
        const x = tf.tensor4d(ramp(3 * side * side), [1, 3, side, side]);
        const [plain, compiled] = [await runOnnx(path, { x }), network.run({ x })];
        expectClose(compiled['y']!.dataSync(), plain['y']!.dataSync(), 1e-6);
        tf.dispose([x, plain, compiled]);
      }
      const wrong = tf.zeros([1, 2, 4, 4]);
      expect(refusal(() => network.run({ x: wrong }), 'E_ONNX_INPUT')).to.include('[1,2,4,4]');
      wrong.dispose();
      network.dispose();
      expect(tf.memory().numTensors).to.equal(before);
    }));
});

onTensorflow('onnx: a compiled graph', () => {
  for (const file of ['resnet.torchscript', 'resnet.dynamo', 'efficientnet.torchscript']) {
    it(`of ${file} turns its picture to channels last, and neither a filter nor anything else`, async () => {
      const network = await compileOnnx(join(ROOT, 'test', 'fixtures', 'onnx', `${file}.onnx`));
      const shape = network.inputs[0]!.shape!.map((side) => (typeof side === 'string' ? 1 : side));
      const x = tf.zeros(shape);
      const turned = opsOf(() => tf.dispose(network.run({ [network.inputs[0]!.name]: x }))).filter(
        (op) => op === 'Transpose',
      );
      expect(turned).to.have.length(1);
      x.dispose();
      network.dispose();
    });
  }
});

/** Native ops that are recorded while a graph is made. */
function opsOf(run: () => void): string[] {
  const backend = nativeBackend()!;
  const { binding } = backend;
  const ops: string[] = [];
  const executeOp: typeof binding.executeOp = (op, ...rest) => {
    ops.push(op);
    return binding.executeOp(op, ...rest);
  };
  backend.binding = Object.create(binding, { executeOp: { value: executeOp } }) as typeof binding;
  try {
    run();
  } finally {
    backend.binding = binding;
  }
  return ops;
}
