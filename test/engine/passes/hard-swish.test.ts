import { expect } from 'chai';
import * as tf from '@tensorflow/tfjs';
import { compile } from '../../../src/engine/compile.js';
import { attributes } from '../../../src/engine/attrs.js';
import { GraphNode, liveNodes, type NodeRef } from '../../../src/engine/graph.js';
import { joinHardSwish } from '../../../src/engine/passes/hard-swish.js';
import { nativeBackend } from '../../../src/engine/native.js';
import { expectClose, onTensorflow } from '../../support/engines.js';

const SHAPE = [1, 4, 4, 8];

onTensorflow('engine: hard swish as exporters write it', () => {
  /** `x relu6(x + plus) / by`, as it is recorded of Paddle's files. */
  function recorded(plus: number, by: number): NodeRef {
    const { binding } = nativeBackend()!;
    const attrs = [attributes(binding).type('T', binding.TF_FLOAT)];
    const ref = (node: GraphNode): NodeRef => ({ node, index: 0 });
    const number = (value: number): NodeRef =>
      ref(GraphNode.constant(binding.TF_FLOAT, [1, 1, 1, 1], Float32Array.of(value)));
    const made = (op: string, ...inputs: NodeRef[]): NodeRef =>
      ref(new GraphNode(op, attrs, inputs, [{ dtype: binding.TF_FLOAT, shape: SHAPE }]));
    const sizes = ref(GraphNode.constant(binding.TF_INT32, [4], Int32Array.from(SHAPE)));
    const x = made('Reshape', made('Neg', ref(GraphNode.placeholder(binding.TF_FLOAT, SHAPE))), sizes);
    const bent = made('Relu6', made('Add', x, number(plus)));
    return made('RealDiv', made('Mul', x, bent), number(by));
  }
  const opsOf = (output: NodeRef): string[] => liveNodes([output]).map(({ op }) => op);

  it('is a product with a sixth, of what is given the same shape again', () => {
    const [joined] = joinHardSwish(nativeBackend()!.binding, [recorded(3, 6)]);
    expect(opsOf(joined!).filter((op) => op !== 'Const')).to.deep.equal(['Placeholder', 'Neg', 'Add', 'Relu6', 'Mul', 'Mul']); // prettier-ignore
  });

  it('other numbers stay what they are', () => {
    for (const [plus, by] of [[2, 6], [3, 5]] as const) {
      const output = recorded(plus, by);
      const [kept] = joinHardSwish(nativeBackend()!.binding, [output]);
      expect(opsOf(kept!)).to.deep.equal(opsOf(output));
    } // prettier-ignore
  });

  it('gives the same numbers behind a convolution, within rounding', () => {
    const filter = tf.tidy(() => tf.variable(tf.randomNormal([1, 1, 8, 16], 0, 2, 'float32', 3)));
    const forward = (x: tf.Tensor): tf.Tensor => {
      const y = tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same');
      return tf.div(tf.mul(y, tf.relu6(tf.add(y, tf.tensor4d([3], [1, 1, 1, 1])))), tf.tensor1d([6]));
    };
    const x = tf.randomNormal(SHAPE, 0, 1, 'float32', 4);
    const compiled = compile(forward, undefined, { fold: () => true });
    const [own, expected] = [compiled(x), tf.tidy(() => forward(x))];
    expectClose(own.dataSync(), expected.dataSync(), 1e-6);
    compiled.dispose();
    tf.dispose([filter, x, own, expected]);
  });
});
