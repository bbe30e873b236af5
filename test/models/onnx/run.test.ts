import { expect } from 'chai';
import * as tf from '@tensorflow/tfjs';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { compile } from '../../../src/engine/index.js';
import { runOnnx } from '../../../src/models/onnx/index.js';
import { OnnxGraph } from '../../../src/models/onnx/graph.js';
import { filterAxes } from '../../../src/models/onnx/ops/convolve.js';
import { Value } from '../../../src/models/onnx/value.js';
import { expectClose, onEngines } from '../../support/engines.js';
import { expectFailure } from '../../support/failure.js';
import { floats, integers, modelFile, parsed, TYPES, type GraphParts } from './support/build.js';
import { refusal } from './support/refusal.js';

function ramp(count: number): number[] {
  return Array.from({ length: count }, (_, i) => ((i * 7) % 11) / 10 - 0.5);
}

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

function kernels(run: () => tf.Tensor[]): Promise<string[]> {
  return tf
    .profile(() => run())
    .then(({ kernelNames, result }) => {
      tf.dispose(result as tf.Tensor[]);
      return kernelNames;
    });
}

async function withFile(parts: GraphParts, run: (path: string) => Promise<void>): Promise<void> {
  const path = modelFile(parts);
  try {
    await run(path);
  } finally {
    rmSync(dirname(path), { recursive: true });
  }
}

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

  it('computes with what shapes say on the host: a graph for any size has no op of it', async () => {
    // Flattens all but the batch, the way PyTorch writes x.view(x.size(0), -1).
    const graph = new OnnxGraph(
      parsed({
        nodes: [
          { op: 'Shape', outputs: ['s'] },
          { op: 'Gather', inputs: ['s', 'zero'], outputs: ['n'], attributes: { axis: 0 } },
          { op: 'Unsqueeze', inputs: ['n', 'axes'], outputs: ['n1'] },
          { op: 'Concat', inputs: ['n1', 'rest'], outputs: ['to'], attributes: { axis: 0 } },
          { op: 'Reshape', inputs: ['x', 'to'] },
        ],
        inputs: { x: ['n', 'c', 'h'] },
        initializers: [integers('zero', [0], []), integers('axes', [0]), integers('rest', [-1])],
      }),
    );
    const x = tf.zeros([2, 3, 4]);
    const run = (): tf.Tensor[] =>
      tf.tidy(() => [
        tf.clone(
          graph
            .run(new Map([['x', Value.of('float32', x)]]))
            .get('y')!
            .tensor(),
        ),
      ]);
    expect(new Set(await kernels(run))).to.deep.equal(new Set([tf.Reshape, tf.Identity]));
    x.dispose();
  });

  it('a weight that names share by Identity, or that a Constant node holds, is one value in all places', () => {
    const held = { name: '', dims: [2], dataType: TYPES.half, int32Data: [0x3c00, 0xc000] };
    const graph = new OnnxGraph(
      parsed({
        nodes: [
          { op: 'Identity', inputs: ['w'], outputs: ['w2'] },
          { op: 'Constant', inputs: [], outputs: ['k'], attributes: { value: { tensor: held } } },
          { op: 'Mul', inputs: ['x', 'w'], outputs: ['a'] },
          { op: 'Mul', inputs: ['a', 'w2'], outputs: ['b'] },
          { op: 'Add', inputs: ['b', 'k'] },
        ],
        inputs: { x: [2] },
        initializers: [floats('w', [2], [3, 4])],
      }),
    );
    const x = tf.tensor1d([1, 1]);
    const answer = (given: [string, Value][]): number[] =>
      tf.tidy(() => [
        ...graph
          .run(new Map([['x', Value.of('float32', x)], ...given]))
          .get('y')!
          .data(),
      ]);
    expect(answer([])).to.deep.equal([10, 14]);
    const ones = tf.tensor1d([1, 1]);
    expect(answer([['w', Value.of('float32', ones)]])).to.deep.equal([2, -1]);
    expect(answer([['k', Value.of('float32', ones)]])).to.deep.equal([10, 17]);
    tf.dispose([x, ones]);
  });

  it('a part of the graph that shapes choose runs alone', () => {
    const branch = (op: string): { graph: GraphParts } => ({ graph: { nodes: [{ op, inputs: ['x'] }] } });
    const graph = new OnnxGraph(
      parsed({
        nodes: [
          { op: 'Size', outputs: ['count'] },
          { op: 'Equal', inputs: ['count', 'two'], outputs: ['is'] },
          { op: 'If', inputs: ['is'], attributes: { then_branch: branch('Neg'), else_branch: branch('Abs') } },
        ],
        inputs: { x: ['n'] },
        initializers: [integers('two', [2], [])],
      }),
    );
    const answer = (values: number[]): number[] =>
      tf.tidy(() => [
        ...graph
          .run(new Map([['x', Value.of('float32', tf.tensor1d(values))]]))
          .get('y')!
          .data(),
      ]);
    expect(answer([-1, 2])).to.deep.equal([1, -2]);
    expect(answer([-1, 2, 3])).to.deep.equal([1, 2, 3]);
  });

  it('sizes that no memory holds, and shapes that do not fit, are refused before anything is made', () => {
    const run = (parts: GraphParts): string => {
      const graph = new OnnxGraph(parsed({ inputs: { x: ['n', 'm'] }, ...parts }));
      const given = new Map([['x', Value.of('float32', tf.zeros([2, 3]))]]);
      return tf.tidy(() =>
        refusal(() => graph.run(given), parts.nodes[0]!.name === 'size' ? 'E_ONNX_SIZE' : 'E_ONNX_NODE'),
      );
    };
    const huge = integers('to', [1 << 20, 1 << 20]);
    tf.tidy(() => {
      for (const [op, to] of [
        ['Expand', [1 << 20, 1 << 20, 1, 1]],
        ['Tile', [1 << 20, 1 << 20]],
      ] as const)
        // prettier-ignore
        run({ nodes: [{ op, inputs: ['x', 'to'], name: 'size' }], initializers: [integers('to', [...to])] });
      run({ nodes: [{ op: 'ConstantOfShape', inputs: ['to'], name: 'size' }], initializers: [huge] });
      run({
        nodes: [{ op: 'Pad', inputs: ['x', 'to'], name: 'size' }],
        initializers: [integers('to', [1 << 20, 1 << 20, 0, 0])],
      });
      run({ nodes: [{ op: 'Range', inputs: ['a', 'b', 'c'], name: 'size' }], initializers: [integers('a', [0], []), integers('b', [2 ** 40], []), integers('c', [1], [])] }); // prettier-ignore
      const outer = { nodes: [{ op: 'MatMul', inputs: ['a', 'b'], name: 'size' }], initializers: [floats('a', [1 << 15, 1], ramp(1 << 15)), floats('b', [1, 1 << 15], ramp(1 << 15))] }; // prettier-ignore
      run(outer);
      run({
        nodes: [{ op: 'MaxPool', inputs: ['i'], name: 'size', attributes: { kernel_shape: [1], pads: [2 ** 40, 0] } }],
        initializers: [floats('i', [1, 1, 1], [1])],
      });
      expect(
        run({ nodes: [{ op: 'Reshape', inputs: ['x', 'to'], name: 'view' }], initializers: [integers('to', [-1, 4])] }),
      ).to.match(/Reshape "view".*6 values.*\[-1,4\]/);
      expect(
        run({
          nodes: [{ op: 'Add', inputs: ['x', 'w'], name: 'sum' }],
          initializers: [floats('w', [4], [1, 2, 3, 4])],
        }),
      ).to.match(/Add "sum".*\[2,3\] and \[4\]/);
      expect(run({ nodes: [{ op: 'Transpose', attributes: { perm: [0, 0] }, name: 'turn' }] })).to.match(
        /Transpose "turn"/,
      );
      expect(
        run({ nodes: [{ op: 'Gather', inputs: ['x', 'to'], name: 'take' }], initializers: [integers('to', [9])] }),
      ).to.match(/Gather "take".*0 to 1.*9/);
    });
  });
});
