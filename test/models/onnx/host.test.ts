import { expect } from 'chai';
import * as tf from '@tensorflow/tfjs';
import { OnnxGraph } from '../../../src/models/onnx/graph.js';
import { Value } from '../../../src/models/onnx/value.js';
import { onEngines } from '../../support/engines.js';
import { floats, integers, parsed, TYPES, type GraphParts } from './support/build.js';
import { kernels } from './support/kernels.js';

onEngines('onnx: what is known before a graph runs', () => {
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
});
