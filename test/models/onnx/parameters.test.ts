import { expect } from 'chai';
import { OnnxGraph } from '../../../src/models/onnx/graph.js';
import { parametersOf, type OnnxParameters } from '../../../src/models/onnx/parameters.js';
import { floats, parsed, type GraphParts, type NodeParts } from './support/build.js';
import { tinyParts } from './support/tiny.js';

function found(parts: GraphParts): OnnxParameters {
  const graph = new OnnxGraph(parsed(parts));
  return parametersOf(graph.model.graph, graph.nodes, graph.outputs);
}

/** `name role group layout` of each. */
const listed = ({ parameters }: OnnxParameters): string[] =>
  parameters.map(({ name, role, group, layout }) => `${name} ${role} ${group} ${layout}`);

const image = { x: ['n', 3, 'h', 'w'] };
const tensor = (name: string, dims: number[], from = 1): object =>
  floats(
    name,
    dims,
    Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => from + i),
  );

describe('models/onnx: parameters', () => {
  it('roles and groups come from the nodes, in the order in which these run', () => {
    expect(listed(found(tinyParts(2)))).to.deep.equal([
      'stem.w weight stem conv',
      'norm.scale scale norm plain',
      'norm.shift shift norm plain',
      'norm.mean mean norm plain',
      'norm.variance variance norm plain',
      'body.w weight body conv',
      'body.scale scale body plain',
      'body.shift shift body plain',
      'gate.w weight gate dense',
      'gate.b bias gate plain',
      'gate.scale scale gate plain',
      'head.w weight head conv',
      'head.b bias head plain',
      'head.scale scale head plain',
    ]);
  });

  it('scales are ones and shifts zeros, one for each output channel', () => {
    const { parameters } = found(tinyParts(2));
    const data = (name: string): number[] => [...parameters.find((one) => one.name === name)!.data];
    expect(data('body.scale')).to.deep.equal([1, 1, 1, 1, 1, 1]);
    expect(data('body.shift')).to.deep.equal([0, 0, 0, 0, 0, 0]);
  });

  it('results of Constant nodes are weights like initializers', () => {
    const nodes: NodeParts[] = [
      { op: 'Constant', inputs: [], outputs: ['w'], attributes: { value: { tensor: tensor('', [2, 3, 1, 1]) } } },
      { op: 'Conv', name: 'c', inputs: ['x', 'w'] },
    ];
    expect(listed(found({ nodes, inputs: image }))).to.deep.equal([
      'w weight c conv',
      'c.scale scale c plain',
      'c.shift shift c plain',
    ]);
  });

  it('a tensor that several nodes use, under its own name or by Identity, is one parameter, of the first', () => {
    const nodes: NodeParts[] = [
      { op: 'Identity', inputs: ['w'], outputs: ['same'] },
      { op: 'Conv', name: 'first', inputs: ['x', 'same', 'b'], outputs: ['a'] },
      { op: 'Conv', name: 'second', inputs: ['a', 'w', 'b'], outputs: ['y'] },
    ];
    const initializers = [tensor('w', [3, 3, 1, 1]), tensor('b', [3])];
    expect(listed(found({ nodes, initializers, inputs: image }))).to.deep.equal([
      'w weight first conv',
      'b bias first plain',
      'first.scale scale first plain',
      'second.scale scale second plain',
    ]);
  });

  it('what is added to a product behind it, channel by channel, is its bias', () => {
    const nodes: NodeParts[] = [
      { op: 'MatMul', name: 'm', inputs: ['x', 'w'], outputs: ['a'] },
      { op: 'Add', name: 'add', inputs: ['b', 'a'], outputs: ['y'] },
    ];
    const initializers = [tensor('w', [4, 5]), tensor('b', [5])];
    expect(listed(found({ nodes, initializers, inputs: { x: ['n', 'tokens', 4] } }))).to.deep.equal([
      'w weight m plain',
      'b bias m plain',
      'm.scale scale m plain',
    ]);
  });

  it('a normalization behind a bias that is added leaves nothing to scale', () => {
    const nodes: NodeParts[] = [
      { op: 'ConvTranspose', name: 'c', inputs: ['x', 'w'], outputs: ['a'] },
      { op: 'Add', inputs: ['a', 'b'], outputs: ['d'] },
      { op: 'BatchNormalization', name: 'bn', inputs: ['d', 's', 't', 'm', 'v'], outputs: ['y'] },
    ];
    const initializers = [
      ...[tensor('w', [3, 2, 2, 2]), tensor('b', [1, 2, 1, 1])],
      ...['s', 't', 'm', 'v'].map((name) => tensor(name, [2])),
    ];
    const roles = found({ nodes, initializers, inputs: image }).parameters.map(({ name, role }) => `${name} ${role}`);
    expect(roles).to.deep.equal(['w weight', 'b bias', 's scale', 't shift', 'm mean', 'v variance']);
  });

  it('statistics that two normalizations share are fixed in both', () => {
    const norm = (from: string, to: string, scale: string): NodeParts => ({
      ...{ op: 'BatchNormalization', name: to, outputs: [to], inputs: [from, scale, `${scale}.shift`, 'm', 'v'] },
    });
    const nodes = [norm('x', 'a', 's'), norm('a', 'y', 't')];
    const initializers = ['s', 's.shift', 't', 't.shift', 'm', 'v'].map((name) => tensor(name, [3]));
    const result = found({ nodes, initializers, inputs: image });
    expect(result.normalizations.map(({ group }) => group)).to.deep.equal(['a']);
    expect(result.parameters.filter(({ name }) => name === 'm').map(({ role }) => role)).to.deep.equal(['mean']);
  });

  it('numbers that sizes are computed with, and single ones, are no parameters; tables that join the picture are', () => {
    const nodes: NodeParts[] = [
      { op: 'Shape', inputs: ['x'], outputs: ['s'] },
      { op: 'Cast', inputs: ['s'], outputs: ['f'], attributes: { to: 1 } },
      { op: 'Mul', inputs: ['f', 'factors'], outputs: ['g'] },
      { op: 'Cast', inputs: ['g'], outputs: ['sizes'], attributes: { to: 7 } },
      { op: 'Resize', inputs: ['x', '', '', 'sizes'], outputs: ['r'] },
      { op: 'Div', inputs: ['r', 'one'], outputs: ['d'] },
      { op: 'Add', name: 'join', inputs: ['d', 'table'], outputs: ['y'] },
    ];
    const initializers = [tensor('factors', [4]), tensor('one', [1]), tensor('table', [1, 3, 1, 1])];
    expect(listed(found({ nodes, initializers, inputs: image }))).to.deep.equal(['table weight join plain']);
  });

  it('nodes of one name are told apart by what they put out', () => {
    const nodes: NodeParts[] = [
      { op: 'Conv', name: 'same', inputs: ['x', 'v'], outputs: ['a'] },
      { op: 'Conv', name: 'same', inputs: ['a', 'w'], outputs: ['y'] },
    ];
    const initializers = [tensor('v', [3, 3, 1, 1]), tensor('w', [3, 3, 1, 1])];
    const names = found({ nodes, initializers, inputs: image }).parameters.map(({ name }) => name);
    expect(names).to.deep.equal(['v', 'a.scale', 'a.shift', 'w', 'y.scale', 'y.shift']);
  });

  it('a name that the file has already is left to it', () => {
    const nodes: NodeParts[] = [{ op: 'Conv', name: 'c', inputs: ['x', 'w', 'c.scale'], outputs: ['y'] }];
    const initializers = [tensor('w', [3, 3, 1, 1]), tensor('c.scale', [3])];
    expect(listed(found({ nodes, initializers, inputs: image }))).to.deep.equal([
      'w weight c conv',
      'c.scale bias c plain',
      'c.scale_ scale c plain',
    ]);
  });
});
