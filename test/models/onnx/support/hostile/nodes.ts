import { floats, integers, type NodeParts } from '../build.js';
import { nodeModel, same, type HostileCase } from './case.js';

type Attributes = NonNullable<NodeParts['attributes']>;

function refused(
  kind: string,
  name: string,
  node: NodeParts,
  initializers: object[] = [],
  opset?: number,
): HostileCase {
  // prettier-ignore
  return {
    ...{ kind, name, codes: ['E_ONNX_NODE', 'E_ONNX_SIZE', 'E_SHAPE'], says: new RegExp(`${node.op} "bad"`) },
    bytes: nodeModel(node, initializers, opset === undefined ? {} : { opsetImport: [{ domain: '', version: opset }] }),
  };
}

const FILTER = same('w', [3, 3, 3, 3], 1);

/** Windows that are none. */
function windows(): HostileCase[] {
  const lists: Attributes[] = [
    ...[[0, 0], [-1, -1], [1], [1, 1, 1], [], [2 ** 31, 2 ** 31], [2 ** 62, 1]].flatMap((list): Attributes[] => [
      { strides: list },
      { dilations: list },
    ]),
    { dilations: [2 ** 31 - 1, 1] },
    ...[[-1, -1, -1, -1], [1, 1], [1, 1, 1], [], [2 ** 31, 0, 0, 0], [2 ** 40, 2 ** 40, 2 ** 40, 2 ** 40], [2 ** 62, 0, 0, 0]].map((pads) => ({ pads })), // prettier-ignore
    ...[[0, 0], [-3, -3], [3], [3, 3, 3], [2 ** 31, 2 ** 31], [5, 5]].map((list) => ({ kernel_shape: list })),
    ...[{ strides: [0.5, 0.5] }, { strides: 'two' }, { strides: 2 }, { pads: 'SAME' }, { pads: [0.5, 0.5, 0.5, 0.5] }],
    ...[{ auto_pad: 'SOMEHOW' }, { auto_pad: 3 }, { kernel_shape: 0.5 }],
  ];
  const convs = [...lists, ...[0, -1, 2, 4, 2 ** 31, 2 ** 62, 0.5].map((group) => ({ group })), { group: 'one' }];
  return [
    ...convs.map((attributes) =>
      refused('convolution', JSON.stringify(attributes), { op: 'Conv', inputs: ['x', 'w'], attributes }, [FILTER]),
    ),
    ...lists
      .filter((attributes) => !('kernel_shape' in attributes))
      .map(
        (attributes) =>
        refused('pooling', JSON.stringify(attributes), { op: 'MaxPool', attributes: { kernel_shape: [3, 3], ...attributes } }), // prettier-ignore
      ),
    ...[
      [2 ** 20, 2 ** 20],
      [9, 9],
      [0, 1],
      [-1, 1],
    ].map((kernel_shape) =>
      refused('pooling', `AveragePool of [${kernel_shape}]`, { op: 'AveragePool', attributes: { kernel_shape } }),
    ),
    refused('pooling', 'no window', { op: 'MaxPool' }),
    refused('convolution', 'of other channels', { op: 'Conv', inputs: ['x', 'w'] }, [same('w', [1, 4, 1, 1], 1)]),
    refused('convolution', 'of no channels', { op: 'Conv', inputs: ['x', 'w'] }, [floats('w', [0, 3, 1, 1], [])]),
    refused('convolution', 'with a filter of no size', { op: 'Conv', inputs: ['x', 'w'] }, [floats('w', [1, 3, 0, 0], [])]), // prettier-ignore
    refused('convolution', 'with a filter of 2 axes', { op: 'Conv', inputs: ['x', 'w'] }, [same('w', [3, 3], 1)]),
    refused('convolution', 'with a bias of 2', { op: 'Conv', inputs: ['x', 'w', 'b'] }, [FILTER, same('b', [2], 1)]),
    refused('convolution', 'turned, in 0 groups', { op: 'ConvTranspose', inputs: ['x', 'w'], attributes: { group: 0 } }, [FILTER]), // prettier-ignore
    refused('convolution', 'turned, strides of 2^20', { op: 'ConvTranspose', inputs: ['x', 'w'], attributes: { strides: [2 ** 20, 2 ** 20] } }, [FILTER]), // prettier-ignore
    refused('convolution', 'turned, 2^40 more', { op: 'ConvTranspose', inputs: ['x', 'w'], attributes: { output_padding: [2 ** 40, 0] } }, [FILTER]), // prettier-ignore
    refused('convolution', 'turned, to a negative size', { op: 'ConvTranspose', inputs: ['x', 'w'], attributes: { output_shape: [-1, -1] } }, [FILTER]), // prettier-ignore
  ];
}

/** Shapes and places that no tensor has. */
function shapes(): HostileCase[] {
  const by = (op: string, name: string, values: number[], attributes: Attributes = {}): HostileCase =>
    refused('shape', `${op} ${name} [${values}]`, { op, inputs: ['x', 's'], attributes }, [integers('s', values)]);
  const slice = (starts: number[], ends: number[], axes: number[], steps: number[]): HostileCase =>
    refused('shape', `Slice [${starts}] to [${ends}], axes [${axes}], steps [${steps}]`, { op: 'Slice', inputs: ['x', 'a', 'b', 'c', 'd'] }, [integers('a', starts), integers('b', ends), integers('c', axes), integers('d', steps)]); // prettier-ignore
  const resize = (scales: number[]): HostileCase =>
    refused('shape', `Resize by [${scales}]`, { op: 'Resize', inputs: ['x', '', 's'] }, [floats('s', [scales.length], scales)]); // prettier-ignore
  const axis = (op: string, value: number | string | number[], inputs = ['x', 'x']): HostileCase =>
    refused('axis', `${op} along ${JSON.stringify(value)}`, { op, inputs, attributes: { axis: value } });
  return [
    ...[[-1, -1], [7], [-2, 96], [0, 0, 0, 0, 0], [2 ** 31, -1], [2 ** 62, 2 ** 62], [-1, 0, 5]].map((to) => by('Reshape', 'to', to)), // prettier-ignore
    ...[[2], [1, 3, 8, 7], [2 ** 40, 1, 1, 1, 1], [-1, 3, 8, 8]].map((to) => by('Expand', 'to', to)), // prettier-ignore
    ...[
      [2 ** 40, 1, 1, 1],
      [1, 1],
      [-1, 1, 1, 1],
      [2 ** 20, 2 ** 20, 1, 1],
    ].map((counts) => by('Tile', 'by', counts)),
    ...[[1, 1], [-9, 0, 0, 0, 0, 0, 0, 0], [0, 0, 2 ** 40, 0, 0, 0, 0, 0], [0, 0, 2 ** 62, 0, 0, 0, 2 ** 62, 0]].map((pads) => by('Pad', 'by', pads)), // prettier-ignore
    by('Pad', 'by', [0, 0, 1, 1, 0, 0, 1, 1], { mode: 'somehow' }),
    ...[[2 ** 40], [-1], [2 ** 20, 2 ** 20], [2 ** 62]].map((to) => refused('bomb', `ConstantOfShape [${to}]`, { op: 'ConstantOfShape', inputs: ['s'] }, [integers('s', to)])), // prettier-ignore
    ...[[0], [4], [-5], [1, 1]].map((axes) => by('Squeeze', 'axes', axes.map((one) => (one === 0 ? 1 : one)))), // prettier-ignore
    ...[[5], [-6], [1, 1], [2 ** 40]].map((axes) => by('Unsqueeze', 'axes', axes)),
    ...[[4, 4], [-1, 4], [2 ** 40, 0]].map((sizes) => refused('shape', `Split into [${sizes}]`, { op: 'Split', inputs: ['x', 's'], outputs: ['y', 'z'], attributes: { axis: 1 } }, [integers('s', sizes)])), // prettier-ignore
    slice([0], [8], [2], [0]),
    slice([0], [8], [4], [1]),
    slice([0], [8], [-5], [1]),
    slice([0, 0], [8], [2], [1]),
    ...[[0, 0, 0, 0], [1, 1, 0, 0], [1, 1, -1, -1], [1, 1], [1, 1, 1e30, 1e30], [1, 1, 2 ** 20, 2 ** 20], [1, 1, NaN, NaN], [1, 1, Infinity, 1]].map(resize), // prettier-ignore
    ...['bicubic', 'somehow'].map((mode) => refused('shape', `Resize ${mode}`, { op: 'Resize', inputs: ['x', '', 's'], attributes: { mode } }, [floats('s', [4], [1, 1, 2, 2])])), // prettier-ignore
    ...[4, -5, 2 ** 31, 2 ** 62, -(2 ** 62), 0.5, 'one', [1]].flatMap((value) => [axis('Concat', value), axis('Softmax', value, ['x']), axis('Flatten', typeof value === 'number' && value > 0 ? value + 1 : value, ['x'])]), // prettier-ignore
    ...[3, -4, 2 ** 31, 2 ** 62].map((place) => refused('place', `Gather ${place}`, { op: 'Gather', inputs: ['x', 'i'], attributes: { axis: 1 } }, [integers('i', [place])])), // prettier-ignore
    ...[3, -4, 2 ** 31].map((place) => refused('place', `GatherElements ${place}`, { op: 'GatherElements', inputs: ['x', 'i'], attributes: { axis: 1 } }, [integers('i', [place], [1, 1, 1, 1])])), // prettier-ignore
    ...[[1], [0, 3], [0, 0, 0, 0, 0], [-2]].map((place) => refused('place', `GatherND [${place}]`, { op: 'GatherND', inputs: ['x', 'i'] }, [integers('i', place)])), // prettier-ignore
    ...[[0, 1, 2], [0, 0, 1, 2], [1, 2, 3, 4], [-1, 0, 1, 2]].map((perm) => refused('axis', `Transpose [${perm}]`, { op: 'Transpose', attributes: { perm } })), // prettier-ignore
    ...[4, -5, 2 ** 62].map((one) => refused('axis', `ReduceMean ${one}`, { op: 'ReduceMean', attributes: { axes: [one] } })), // prettier-ignore
    ...([[0, 2 ** 40, 1], [0, 1, 0], [0, 1e18, 1e-3]] as const).map((range) => refused('bomb', `Range ${range}`, { op: 'Range', inputs: ['a', 'b', 'c'] }, ['a', 'b', 'c'].map((name, i) => floats(name, [], [range[i]!])))), // prettier-ignore
    refused('bomb', 'OneHot of 2^40', { op: 'OneHot', inputs: ['i', 'd', 'v'] }, [integers('i', [0]), integers('d', [2 ** 40], []), floats('v', [2], [0, 1])]), // prettier-ignore
    refused('bomb', 'a product of 2^40 values', { op: 'MatMul', inputs: ['a', 'b'] }, [same('a', [2 ** 16, 1], 1), same('b', [1, 2 ** 16], 1)]), // prettier-ignore
    refused('bomb', 'a sum of 2^40 values', { op: 'Add', inputs: ['a', 'b'] }, [same('a', [2 ** 16, 1], 1), same('b', [1, 2 ** 16], 1)]), // prettier-ignore
    refused('shape', 'a product of sides that differ', { op: 'MatMul', inputs: ['x', 'w'] }, [same('w', [7, 2], 1)]),
    refused('shape', 'a sum of shapes that differ', { op: 'Add', inputs: ['x', 'w'] }, [same('w', [7], 1)]),
    refused('shape', 'Gemm of 4 axes', { op: 'Gemm', inputs: ['x', 'w'] }, [same('w', [8, 2], 1)]),
    refused('shape', 'Einsum that is none', { op: 'Einsum', attributes: { equation: 'ij,jk->ik->' } }),
    refused('type', 'Cast to texts', { op: 'Cast', attributes: { to: 8 } }),
    refused('type', 'Cast to fp8', { op: 'Cast', attributes: { to: 17 } }),
    refused('type', 'Cast to nothing', { op: 'Cast' }),
    refused('attribute', 'LeakyRelu by a text', { op: 'LeakyRelu', attributes: { alpha: 'steep' } }),
    refused('attribute', 'Elu by a list', { op: 'Elu', attributes: { alpha: [1, 2] } }),
    refused('attribute', 'LRN over 2^31', { op: 'LRN', attributes: { size: 2 ** 31 } }),
    refused('attribute', 'LRN over -1', { op: 'LRN', attributes: { size: -1 } }),
    refused('attribute', 'If on what an input says', { op: 'If', inputs: ['x'] }),
    refused('attribute', 'If without branches', { op: 'If', inputs: ['c'] }, [integers('c', [1], [])]),
    refused('attribute', 'Constant without a value', { op: 'Constant', inputs: [] }),
    refused('attribute', 'GroupNormalization in 0', { op: 'GroupNormalization', inputs: ['x', 'w', 'w'], attributes: { num_groups: 0 } }, [same('w', [3], 1)]), // prettier-ignore
    refused('attribute', 'GroupNormalization in 2 of 3', { op: 'GroupNormalization', inputs: ['x', 'w', 'w'], attributes: { num_groups: 2 } }, [same('w', [3], 1)]), // prettier-ignore
    refused('shape', 'BatchNormalization of 4', { op: 'BatchNormalization', inputs: ['x', 'w', 'w', 'w', 'w'] }, [same('w', [4], 1)]), // prettier-ignore
    refused('shape', 'DepthToSpace by 0', { op: 'DepthToSpace', attributes: { blocksize: 0 } }),
    refused('shape', 'DepthToSpace by 2', { op: 'DepthToSpace', attributes: { blocksize: 2 } }),
    refused('shape', 'SpaceToDepth by 3', { op: 'SpaceToDepth', attributes: { blocksize: 3 } }),
    refused('shape', 'TopK of 9', { op: 'TopK', inputs: ['x', 'k'], outputs: ['y', 'z'] }, [integers('k', [9])]),
    refused('shape', 'TopK of -1', { op: 'TopK', inputs: ['x', 'k'], outputs: ['y', 'z'] }, [integers('k', [-1])]),
  ];
}

/** Nodes whose attributes or operands the operation cannot take. */
export function brokenNodes(): HostileCase[] {
  return [...windows(), ...shapes()];
}
