import { expect } from 'chai';
import { GraphNode } from '../../src/engine/graph.js';
import { serializeGraph } from '../../src/engine/graph-def.js';
import type { NativeBinding } from '../../src/engine/native.js';

const FLOAT = 1;

describe('engine: graphs as SavedModels', () => {
  it('a graph of more pieces than a call takes arguments is written whole', () => {
    const output = [{ dtype: FLOAT, shape: [1] }];
    const input = GraphNode.placeholder(FLOAT, [1]);
    let last = input;
    for (let i = 0; i < 15_000; i++) last = new GraphNode('Relu', [], [{ node: last, index: 0 }], output);
    // Nodes without attributes ask nothing of the binding.
    const binding = {} as NativeBinding;
    const { savedModel, nodes } = serializeGraph(binding, [input], [{ node: last, index: 0 }]);
    expect(nodes).to.equal(15_001);
    expect(savedModel.length).to.be.above(150_000);
    const bytes = Buffer.concat(savedModel as Uint8Array[]);
    // saved_model_schema_version = 1; then meta_graphs, of a length in three bytes of seven bits each.
    expect([...bytes.subarray(0, 3)]).to.deep.equal([0x08, 1, 0x12]);
    const length = [...bytes.subarray(3, 6)].reduce((sum, byte, i) => sum + ((byte & 127) << (7 * i)), 0);
    expect(length).to.equal(bytes.length - 6);
    expect(bytes.includes('n15000')).to.equal(true);
  });
});
