import { expect } from 'chai';
import { OnnxGraph } from '../../../src/models/onnx/graph.js';
import { parametersOf } from '../../../src/models/onnx/parameters.js';
import { stemsOf } from '../../../src/models/onnx/stems.js';
import { parsed, type GraphParts } from './support/build.js';
import { drawn, tinyParts } from './support/tiny.js';

function found(parts: GraphParts): string[] {
  const graph = new OnnxGraph(parsed(parts));
  const { parameters, normalizations, scaled } = parametersOf(graph.model.graph, graph.nodes, graph.outputs);
  const names = new Set(parameters.map(({ name }) => name));
  const stems = stemsOf(graph.nodes, [...scaled, ...normalizations], Object.keys(parts.inputs!)[0]!, (name) =>
    names.has(name),
  );
  return stems.map(({ scale, shift }) => `${scale} ${shift}`);
}

describe('models/onnx: stems', () => {
  it('are the normalization behind the first convolution, and nothing behind it', () => {
    expect(found(tinyParts(2))).to.deep.equal(['norm.scale norm.shift']);
  });

  it('are all convolutions that read the picture, also what was computed of it, by scale and their own bias or shift', () => {
    const parts: GraphParts = {
      inputs: { x: ['n', 3, 'h', 'w'] },
      initializers: [
        drawn('a.w', [2, 3, 1, 1]),
        drawn('a.b', [2]),
        drawn('b.w', [2, 3, 1, 1]),
        drawn('c.w', [2, 2, 1, 1]),
      ],
      nodes: [
        { op: 'Conv', name: 'a', inputs: ['x', 'a.w', 'a.b'], outputs: ['a.y'] },
        { op: 'Sqrt', inputs: ['x'], outputs: ['root'] },
        { op: 'Conv', name: 'b', inputs: ['root', 'b.w'], outputs: ['b.y'] },
        { op: 'Add', inputs: ['a.y', 'b.y'], outputs: ['sum'] },
        { op: 'Conv', name: 'c', inputs: ['sum', 'c.w'], outputs: ['y'] },
      ],
      outputs: ['y'],
    };
    expect(found(parts)).to.deep.equal(['a.scale a.b', 'b.scale b.shift']);
  });

  it('are not those whose bias another layer adds as well', () => {
    const parts: GraphParts = {
      inputs: { x: ['n', 3, 'h', 'w'] },
      initializers: [drawn('w', [3, 3, 1, 1]), drawn('v', [3, 3, 1, 1]), drawn('b', [3])],
      nodes: [
        { op: 'Conv', name: 'a', inputs: ['x', 'w', 'b'], outputs: ['a.y'] },
        { op: 'Conv', name: 'c', inputs: ['a.y', 'v', 'b'], outputs: ['y'] },
      ],
      outputs: ['y'],
    };
    expect(found(parts)).to.deep.equal([]);
  });
});
