import { drawn, integers, truths, type AttributeValue, type Numbers } from './build.js';

/** One node with its operands: those in `fixed` are constants of the file, the others inputs. */
export interface OpCase {
  op: string;
  title: string;
  operands: Numbers[];
  /** Places of constants among the operands. */
  fixed: number[];
  attributes: Record<string, AttributeValue>;
  /** How many values it gives. */
  values: number;
}

type Options = Partial<Pick<OpCase, 'title' | 'fixed' | 'values'>>;

function one(op: string, operands: Numbers[], attributes: OpCase['attributes'] = {}, options: Options = {}): OpCase {
  // Whole numbers are sizes and axes, which files hold.
  const fixed = operands.flatMap(({ dtype }, place) => (dtype === 'int32' ? [place] : []));
  const title = Object.entries(attributes).map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(' '); // prettier-ignore
  return { op, operands, attributes, title, fixed, values: 1, ...options };
}

const positive = (numbers: Numbers): Numbers => ({ ...numbers, values: numbers.values.map((value) => Math.abs(value) + 0.1) }); // prettier-ignore
const small = (numbers: Numbers): Numbers => ({ ...numbers, values: numbers.values.map((value) => value / 2.5) });
const moving = { fixed: [] };
const axis = (value: number): Numbers => integers([value], []);
const list = (...values: number[]): Numbers => integers(values);

const window = (stride: number, padding: string, dilation = 1): Record<string, AttributeValue> => ({
  strides: [1, stride, stride, 1],
  dilations: [1, dilation, dilation, 1],
  padding,
  data_format: 'NHWC',
});
const layer = { fixed: [1, 2, 3] };

const CONVOLUTIONS: OpCase[] = [
  one('Conv2D', [drawn(1, 6, 7, 3), drawn(3, 3, 3, 4)], window(1, 'SAME'), layer),
  one('Conv2D', [drawn(2, 6, 7, 3), drawn(3, 2, 3, 4)], window(2, 'SAME'), layer),
  one('Conv2D', [drawn(1, 9, 9, 2), drawn(3, 3, 2, 4)], window(1, 'SAME', 2), layer),
  one('Conv2D', [drawn(1, 6, 7, 3), drawn(3, 3, 3, 4)], window(2, 'VALID'), layer),
  one('Conv2D', [drawn(1, 6, 6, 1), drawn(3, 3, 1, 2)], { ...window(1, 'EXPLICIT'), explicit_paddings: [0, 0, 1, 2, 0, 1, 0, 0] }, layer), // prettier-ignore
  one('DepthwiseConv2dNative', [drawn(1, 6, 7, 3), drawn(3, 3, 3, 1)], window(1, 'SAME'), layer),
  one('DepthwiseConv2dNative', [drawn(1, 7, 7, 3), drawn(3, 3, 3, 2)], window(2, 'SAME'), layer),
  one('Conv2DBackpropInput', [list(1, 8, 8, 2), drawn(2, 2, 2, 3), drawn(1, 4, 4, 3)], window(2, 'SAME'), { fixed: [0, 1] }), // prettier-ignore
  one('Conv2DBackpropInput', [list(1, 7, 8, 2), drawn(3, 3, 2, 3), drawn(1, 4, 4, 3)], window(2, 'SAME'), { fixed: [0, 1] }), // prettier-ignore
  one('Conv2DBackpropInput', [list(1, 9, 9, 2), drawn(3, 3, 2, 3), drawn(1, 4, 4, 3)], window(2, 'VALID'), { fixed: [0, 1] }), // prettier-ignore
  ...['Relu', 'Relu6', 'Elu', 'Sigmoid'].map(
    (name) =>
    one('_FusedConv2D', [drawn(1, 5, 5, 2), drawn(3, 3, 2, 3), drawn(3)], { ...window(1, 'SAME'), fused_ops: ['BiasAdd', name], num_args: 1 }, layer), // prettier-ignore
  ),
  one('_FusedConv2D', [drawn(1, 5, 5, 2), drawn(3, 3, 2, 3), drawn(3)], { ...window(1, 'SAME'), fused_ops: ['BiasAdd'], num_args: 1 }, layer), // prettier-ignore
  one('_FusedConv2D', [drawn(1, 5, 5, 2), drawn(3, 3, 2, 3), drawn(3)], { ...window(1, 'SAME'), fused_ops: ['BiasAdd', 'LeakyRelu'], num_args: 1, leakyrelu_alpha: { float: 0.3 } }, layer), // prettier-ignore
  one('_FusedConv2D', [drawn(1, 5, 5, 2), drawn(3, 3, 2, 3), drawn(3), drawn(1, 1, 3)], { ...window(1, 'SAME'), fused_ops: ['BiasAdd', 'Prelu'], num_args: 2 }, layer), // prettier-ignore
  one('FusedDepthwiseConv2dNative', [drawn(1, 5, 5, 3), drawn(3, 3, 3, 1), drawn(3)], { ...window(1, 'SAME'), fused_ops: ['BiasAdd', 'Relu'], num_args: 1 }, layer), // prettier-ignore
];

const MATRICES: OpCase[] = [
  one('MatMul', [drawn(3, 4), drawn(4, 5)], {}, { fixed: [1] }),
  one('MatMul', [drawn(4, 3), drawn(5, 4)], { transpose_a: true, transpose_b: true }, { fixed: [1] }),
  one('MatMul', [drawn(3, 4), drawn(4, 5)], {}, { fixed: [], title: 'of two values' }),
  one('_FusedMatMul', [drawn(3, 4), drawn(4, 5), drawn(5)], { fused_ops: ['BiasAdd', 'Relu'], num_args: 1 }, { fixed: [1, 2] }), // prettier-ignore
  one('_FusedMatMul', [drawn(3, 4), drawn(5, 4), drawn(5)], { fused_ops: ['BiasAdd'], transpose_b: true, num_args: 1 }, { fixed: [1, 2] }), // prettier-ignore
  one('BatchMatMul', [drawn(2, 3, 4), drawn(2, 4, 5)]),
  one('BatchMatMulV2', [drawn(2, 4, 3), drawn(2, 5, 4)], { adj_x: true, adj_y: true }),
  one('Einsum', [drawn(2, 3, 4), drawn(4, 5)], { equation: 'abc,cd->abd', N: 2 }),
];

const pooling = (size: number, stride: number, padding: string): Record<string, AttributeValue> => ({
  ksize: [1, size, size, 1],
  strides: [1, stride, stride, 1],
  padding,
});

const PICTURES: OpCase[] = [
  one('MaxPool', [drawn(1, 7, 6, 2)], pooling(3, 2, 'SAME')),
  one('MaxPool', [drawn(1, 7, 6, 2)], pooling(2, 2, 'VALID')),
  one('AvgPool', [drawn(1, 7, 6, 2)], pooling(3, 2, 'SAME')),
  one('AvgPool', [drawn(1, 7, 6, 2)], pooling(2, 1, 'VALID')),
  ...['ResizeBilinear', 'ResizeNearestNeighbor'].flatMap((op) => [
    one(op, [drawn(1, 4, 5, 2), list(7, 9)]),
    one(op, [drawn(1, 4, 5, 2), list(7, 9)], { half_pixel_centers: true }),
    one(op, [drawn(1, 7, 9, 2), list(4, 3)], { half_pixel_centers: true }),
    one(op, [drawn(1, 4, 5, 2), list(7, 9)], { align_corners: true }),
    one(op, [drawn(1, 7, 9, 2), list(3, 4)]),
  ]),
  one('DepthToSpace', [drawn(1, 2, 3, 12)], { block_size: 2, data_format: 'NHWC' }),
  one('FusedBatchNorm', [drawn(2, 3, 3, 4), drawn(4), drawn(4), drawn(4), positive(drawn(4))], { epsilon: { float: 0.01 } }, { fixed: [1, 2, 3, 4] }), // prettier-ignore
  one('FusedBatchNormV2', [drawn(2, 3, 3, 4), drawn(4), drawn(4), drawn(4), positive(drawn(4))], { epsilon: { float: 0.01 } }, { fixed: [1, 2, 3, 4] }), // prettier-ignore
  one('FusedBatchNormV3', [drawn(2, 3, 3, 4), drawn(4), drawn(4), drawn(4), positive(drawn(4))], { epsilon: { float: 0.01 } }, { fixed: [1, 2, 3, 4] }), // prettier-ignore
  one('LRN', [drawn(1, 3, 3, 6)], { depth_radius: 2, bias: { float: 1.5 }, alpha: { float: 0.3 }, beta: { float: 0.75 } }), // prettier-ignore
  one('SpaceToBatchND', [drawn(1, 4, 5, 2), list(2, 3), integers([1, 1, 0, 1], [2, 2])]),
  one('BatchToSpaceND', [drawn(6, 3, 2, 2), list(2, 3), integers([1, 1, 0, 1], [2, 2])]),
];

const ELEMENTS: OpCase[] = [
  ...['Abs', 'Atan', 'Ceil', 'Cos', 'Cosh', 'Elu', 'Erf', 'Exp', 'Expm1', 'Floor', 'Neg', 'Relu', 'Relu6', 'Round'].map((op) => one(op, [drawn(2, 3, 4)])), // prettier-ignore
  ...['Selu', 'Sigmoid', 'Sign', 'Sin', 'Sinh', 'Softplus', 'Square', 'Tan', 'Tanh', 'Asinh'].map((op) => one(op, [drawn(2, 3, 4)])), // prettier-ignore
  ...['Log', 'Log1p', 'Reciprocal', 'Rsqrt', 'Sqrt'].map((op) => one(op, [positive(drawn(2, 3, 4))])),
  ...['Acos', 'Asin', 'Atanh'].map((op) => one(op, [small(drawn(2, 3, 4))])),
  one('Acosh', [{ ...positive(drawn(6)), values: [1, 1.5, 2, 3, 4, 5] }]),
  one('LeakyRelu', [drawn(2, 3)], { alpha: { float: 0.1 } }),
  one('Prelu', [drawn(1, 3, 3, 4), drawn(1, 1, 4)], {}, { fixed: [1] }),
  ...['Add', 'AddV2', 'Sub', 'Mul', 'RealDiv', 'Div', 'Maximum', 'Minimum', 'SquaredDifference', 'Atan2'].map((op) => one(op, [drawn(2, 3, 4), positive(drawn(3, 1))])), // prettier-ignore
  one('Pow', [positive(drawn(2, 3)), drawn(3)]),
  one('AddN', [drawn(2, 3), drawn(2, 3), drawn(2, 3)]),
  one('BiasAdd', [drawn(2, 3, 3, 4), drawn(4)], {}, { fixed: [1] }),
  one('FloorDiv', [integers([7, -7, 8, -9]), integers([2, 2, -3, 4])], {}, moving),
  one('FloorMod', [integers([7, -7, 8, -9]), integers([2, 2, -3, 4])], {}, moving),
  one('FloorMod', [drawn(6), positive(drawn(6))], {}, { title: 'of floats' }),
  one('DivNoNan', [drawn(2, 3), positive(drawn(3))]),
  ...['Equal', 'NotEqual', 'Greater', 'GreaterEqual', 'Less', 'LessEqual'].map((op) => one(op, [integers([1, 2, 3, 4]), integers([4, 2, 3, 1])], {}, moving)), // prettier-ignore
  ...['LogicalAnd', 'LogicalOr'].map((op) => one(op, [truths([0, 0, 1, 1]), truths([0, 1, 0, 1])])),
  one('LogicalNot', [truths([0, 1])]),
  one('Select', [truths([0, 1, 1, 0]), drawn(4), positive(drawn(4))]),
  one('SelectV2', [truths([0, 1, 1, 0], [2, 2]), drawn(2, 2), positive(drawn(2))]),
  one('Cast', [drawn(5)], { DstT: { type: 'int32' } }),
  one('Cast', [integers([3, 0, -1])], { DstT: { type: 'float32' } }, moving),
  one('Cast', [drawn(5)], { DstT: { type: 'bool' } }),
  one('Softmax', [drawn(2, 3, 4)]),
  one('LogSoftmax', [drawn(3, 4)]),
];

const REDUCTIONS: OpCase[] = [
  ...['Mean', 'Sum', 'Max', 'Min', 'Prod'].flatMap((op) => [
    one(op, [drawn(2, 3, 4), list(1, 2)], { keep_dims: true }),
    one(op, [drawn(2, 3, 4), axis(-1)]),
  ]),
  one('All', [truths([1, 1, 0, 1], [2, 2]), list(1)]),
  one('Any', [truths([1, 0, 0, 0], [2, 2]), list(1)], { keep_dims: true }),
  one('ArgMax', [drawn(2, 3, 4), axis(1)]),
  one('ArgMin', [drawn(2, 3, 4), axis(-1)]),
  one('TopKV2', [drawn(2, 7), axis(3)], { sorted: true }, { values: 2 }),
  one('Cumsum', [drawn(2, 4), axis(1)], { exclusive: true }),
  one('Cumsum', [drawn(2, 4), axis(0)], { reverse: true }),
];

const SHAPES: OpCase[] = [
  ...['Shape', 'Size', 'Rank', 'ZerosLike', 'OnesLike', 'Identity', 'StopGradient', 'Snapshot', 'PlaceholderWithDefault'].map((op) => one(op, [drawn(2, 3, 4)])), // prettier-ignore
  one('IdentityN', [drawn(2), drawn(3)], {}, { values: 2 }),
  one('Reshape', [drawn(2, 3, 4), list(-1, 8)]),
  one('ExpandDims', [drawn(2, 3), axis(-1)]),
  one('Squeeze', [drawn(1, 3, 1, 2)], { squeeze_dims: [0, 2] }),
  one('Squeeze', [drawn(1, 3, 1, 2)]),
  one('Transpose', [drawn(2, 3, 4), list(2, 0, 1)]),
  one('BroadcastTo', [drawn(3, 1), list(2, 3, 4)]),
  one('Fill', [list(2, 3), drawn()]),
  one('Range', [axis(2), axis(9), axis(3)], { Tidx: { type: 'int32' } }),
  one('ConcatV2', [drawn(2, 3), drawn(2, 1), axis(1)], { N: 2 }),
  one('Concat', [axis(0), drawn(1, 2), drawn(3, 2)], { N: 2 }),
  one('Pack', [drawn(2, 3), drawn(2, 3)], { axis: 1, N: 2 }),
  one('Unpack', [drawn(3, 2)], { axis: 1, num: 2 }, { values: 2 }),
  one('Split', [axis(1), drawn(2, 6)], { num_split: 3 }, { values: 3 }),
  one('SplitV', [drawn(2, 6), list(1, 5), axis(1)], { num_split: 2 }, { values: 2 }),
  one('Tile', [drawn(2, 3), list(2, 1)]),
  one('Pad', [drawn(2, 3), integers([1, 0, 0, 2], [2, 2])]),
  one('PadV2', [drawn(2, 3), integers([1, 0, 0, 2], [2, 2]), { ...drawn(), values: [5] }], {}, { fixed: [1, 2] }),
  one('MirrorPad', [drawn(4, 5), integers([1, 2, 2, 1], [2, 2])], { mode: 'REFLECT' }),
];

const PLACES: OpCase[] = [
  one('Slice', [drawn(3, 4, 5), list(1, 0, 2), list(2, -1, 2)]),
  one('StridedSlice', [drawn(4, 5), list(1, 0), list(3, 5), list(1, 2)]),
  one('StridedSlice', [drawn(4, 5), list(0, 1), list(0, 4), list(1, 1)], { begin_mask: 1, end_mask: 1 }),
  one('StridedSlice', [drawn(4, 5), list(-1, 0), list(0, 2), list(1, 1)], { shrink_axis_mask: 1 }),
  one('StridedSlice', [drawn(2, 3, 4), list(0, 1), list(0, 2), list(1, 1)], { ellipsis_mask: 1 }),
  one('StridedSlice', [drawn(2, 3), list(0, 0, 1), list(0, 0, 3), list(1, 1, 1)], { new_axis_mask: 1, begin_mask: 2, end_mask: 2 }), // prettier-ignore
  one('StridedSlice', [drawn(5), list(3), list(0), list(-1)]),
  one('StridedSlice', [drawn(5), list(0), list(0), list(-2)], { begin_mask: 1, end_mask: 1 }),
  one('StridedSlice', [drawn(5), list(1), list(4), list(1)], {}, { fixed: [3], title: 'between places that are computed' }), // prettier-ignore
  one('StridedSlice', [drawn(5), list(-2), list(0), list(1)], { shrink_axis_mask: 1 }, { fixed: [3], title: 'at a place that is computed' }), // prettier-ignore
  one('ReverseV2', [drawn(3, 4), list(1)]),
  one('GatherV2', [drawn(3, 4), list(2, 0), axis(1)], { batch_dims: 0 }),
  one('Gather', [drawn(3, 4), list(2, 0)]),
  one('GatherNd', [drawn(3, 4), integers([0, 1, 2, 3], [2, 2])]),
  one('OneHot', [list(0, 2), axis(3), { ...drawn(), values: [4] }, { ...drawn(), values: [1] }], { axis: -1, T: { type: 'float32' } }, { fixed: [0, 1, 2, 3] }), // prettier-ignore
  one('ScatterNd', [integers([1, 3], [2, 1]), drawn(2), list(5)]),
  one('TensorScatterUpdate', [drawn(5), integers([1, 3], [2, 1]), drawn(2)]),
  one('SparseToDense', [integers([1, 3], [2, 1]), list(5), drawn(2), { ...drawn(), values: [7] }], {}, { fixed: [0, 1, 3] }), // prettier-ignore
];

/** Cases of operations that TensorFlow.js' own executor has, at least one of each that gearnn translates and it knows. */
export const OP_CASES: readonly OpCase[] = [
  ...CONVOLUTIONS,
  ...MATRICES,
  ...PICTURES,
  ...ELEMENTS,
  ...REDUCTIONS,
  ...SHAPES,
  ...PLACES,
];
