import { expect } from 'chai';
import { checkedNodes, countOps, missingOps } from '../../../src/models/onnx/check.js';
import type { Model } from '../../../src/models/onnx/model.js';
import { floats, parsed, type NodeParts } from './support/build.js';
import { refusal } from './support/refusal.js';

function model(nodes: NodeParts[], outputs = ['y']): Model {
  return parsed({ nodes, outputs, inputs: { x: [2] }, initializers: [floats('w', [2], [1, 2])] });
}

describe('onnx: check', () => {
  it('sorts nodes that come in no order, and leaves out what the outputs do not need', () => {
    const nodes = [
      { op: 'Relu', inputs: ['b'], name: 'third' },
      { op: 'Neg', inputs: ['a'], outputs: ['b'], name: 'second' },
      { op: 'Exp', inputs: ['x'], outputs: ['unused'], name: 'none' },
      { op: 'Abs', inputs: ['x'], outputs: ['a'], name: 'first' },
    ];
    expect(checkedNodes(model(nodes)).map(({ name }) => name)).to.deep.equal(['first', 'second', 'third']);
    expect(checkedNodes(model(nodes), ['a']).map(({ name }) => name)).to.deep.equal(['first']);
  });

  it('names all operations that it lacks at once, with their nodes', () => {
    const nodes = [
      { op: 'Unique', outputs: ['a'], name: 'where' },
      { op: 'Relu', inputs: ['a'], outputs: ['b'] },
      { op: 'Fancy', inputs: ['b'], domain: 'com.example', name: 'own' },
    ];
    const found = [{ op: 'Unique', node: 'where' }, { op: 'com.example.Fancy', node: 'own' }]; // prettier-ignore
    expect(missingOps(model(nodes).graph.nodes)).to.deep.equal(found);
    expect(refusal(() => checkedNodes(model(nodes)), 'E_ONNX_OPS')).to.match(
      /Unique "where", com\.example\.Fancy "own"/,
    );
    expect(countOps(model(nodes).graph.nodes)).to.deep.equal({ Fancy: 1, Relu: 1, Unique: 1 });
  });

  it('a quantized network is refused by its nodes, with the remedy', () => {
    const nodes = [{ op: 'DequantizeLinear', inputs: ['x', 'w'], name: 'dequantize' }];
    expect(refusal(() => checkedNodes(model(nodes)), 'E_ONNX_QUANTIZED')).to.match(
      /DequantizeLinear "dequantize".*quantized from/,
    );
  });

  it('refuses circles, unknown names and names that are made twice', () => {
    const circle = [{ op: 'Add', inputs: ['x', 'b'], outputs: ['a'], name: 'one' }, { op: 'Relu', inputs: ['a'], outputs: ['b'], name: 'two' }]; // prettier-ignore
    expect(refusal(() => checkedNodes(model(circle, ['b'])), 'E_ONNX_GRAPH')).to.match(/circle: two <- one <- two/);
    const self = [{ op: 'Add', inputs: ['x', 'y'], name: 'self' }];
    expect(refusal(() => checkedNodes(model(self)), 'E_ONNX_GRAPH')).to.match(/circle: self <- self/);
    const unknown = [{ op: 'Add', inputs: ['x', 'p'], outputs: ['a'], name: 'sum' }, { op: 'Mul', inputs: ['a', 'q'], name: 'product' }]; // prettier-ignore
    expect(refusal(() => checkedNodes(model(unknown)), 'E_ONNX_GRAPH'))
      .to.match(/p \(of sum\)/)
      .and.match(/q \(of product\)/);
    const twice = [{ op: 'Abs' }, { op: 'Neg' }];
    expect(refusal(() => checkedNodes(model(twice)), 'E_ONNX_GRAPH')).to.match(/several of y/);
    const weight = [{ op: 'Abs', outputs: ['w'] }];
    expect(refusal(() => checkedNodes(model(weight, ['w'])), 'E_ONNX_GRAPH')).to.match(/several of w/);
  });

  it('a chain of 20,000 nodes does not fill the stack', () => {
    const count = 20_000;
    const nodes = Array.from({ length: count }, (_, i) => ({ op: 'Neg', inputs: [`v${i}`], outputs: [`v${i + 1}`] }));
    const chain = parsed({ nodes: nodes.reverse(), inputs: { v0: [1] }, outputs: [`v${count}`] });
    expect(checkedNodes(chain)).to.have.length(count);
  });
});
