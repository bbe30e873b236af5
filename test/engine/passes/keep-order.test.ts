import { expect } from 'chai';
import { GraphNode, rewrite, type NodeRef } from '../../../src/engine/graph.js';
import { serializeGraph } from '../../../src/engine/graph-def.js';
import { keepOrder } from '../../../src/engine/passes/keep-order.js';
import type { NativeBinding } from '../../../src/engine/native.js';

const FLOAT = 1;
const node = (op: string, size: number, ...inputs: GraphNode[]): GraphNode =>
  new GraphNode(
    op,
    [],
    inputs.map((input) => ({ node: input, index: 0 })),
    [{ dtype: FLOAT, shape: [size] }],
  );
const refsOf = (...nodes: GraphNode[]): NodeRef[] => nodes.flatMap(({ refs }) => refs);

/** A step of one weight: forward, back, and `weight - gradient - weight x decay`. */
function step(size: number) {
  const [images, weight] = [GraphNode.placeholder(FLOAT, [size]), GraphNode.placeholder(FLOAT, [size])];
  const forward = node('Conv2D', size, images, weight);
  const back = node('Conv2DBackpropInput', size, forward, weight);
  const slice = node('Slice', size, images);
  const gradient = node('MatMul', size, slice, back);
  const decay = node('Mul', size, weight);
  const next = node('Sub', size, node('Sub', size, weight, gradient), decay);
  return { images, weight, forward, back, slice, gradient, decay, next };
}

describe('engine: order of a training step', () => {
  it('what depends on weights alone, or on early activations, waits for what was recorded before it', () => {
    const { images, forward, back, slice, gradient, decay, next } = step(5000);
    keepOrder(refsOf(next), [images]);
    expect(forward.after).to.deep.equal([]);
    expect(slice.after).to.deep.equal([back]);
    expect(gradient.after).to.deep.equal([slice]);
    expect(decay.after).to.deep.equal([gradient]);
  });

  it('small results of weights alone are left to TensorFlow', () => {
    const { images, decay, next } = step(10);
    keepOrder(refsOf(next), [images]);
    expect(decay.after).to.deep.equal([]);
  });

  it('the order is kept in a rewritten graph, and is written as control inputs', () => {
    const { images, weight, next } = step(5000);
    keepOrder(refsOf(next), [images]);
    const rewritten = rewrite(refsOf(next), (old, inputs) =>
      old.op === 'Mul' ? node('Neg', 5000, inputs[0]!.node) : undefined,
    );
    const { graphDef } = serializeGraph({} as NativeBinding, [images, weight], rewritten);
    const text = Buffer.concat(graphDef as Uint8Array[]).toString('latin1');
    // Slice, MatMul and Neg, which is in the place of Mul.
    expect(text.match(/\^n\d+/g)).to.have.length(3);
    expect(text).to.match(/Neg.{0,20}\^n\d/s);
  });
});
