import * as tf from '@tensorflow/tfjs';

/** One op of TensorFlow.js: what to call, and on what. */
export interface OpCase {
  name: string;
  inputs: () => tf.Tensor[];
  run: (...inputs: never[]) => tf.Tensor | tf.Tensor[];
  /** Whether its gradient is compiled, too. */
  differentiable: boolean;
}

let seed = 0;
/** Uniform in `[low, high)`, another each time. */
const uniform = (shape: number[], low = -2, high = 2): tf.Tensor =>
  tf.randomUniform(shape, low, high, 'float32', ++seed);
const image = (size = 6): tf.Tensor => uniform([2, size, size + 1, 3]);
const integers = (shape: number[], high: number): tf.Tensor => tf.randomUniform(shape, 0, high, 'int32', ++seed);
const bools = (shape: number[]): tf.Tensor => tf.greater(uniform(shape), 0);

const CASES: OpCase[] = [];
type Run<T extends tf.Tensor[]> = (...inputs: T) => tf.Tensor | tf.Tensor[];

function add<T extends tf.Tensor[]>(name: string, inputs: () => tf.Tensor[], run: Run<T>, differentiable = true): void {
  CASES.push({ name, inputs, run: run as unknown as OpCase['run'], differentiable });
}
/** An op without a gradient, or on inputs that have none. */
function addFixed<T extends tf.Tensor[]>(name: string, inputs: () => tf.Tensor[], run: Run<T>): void {
  add(name, inputs, run, false);
}

for (const name of [
  ...(['abs', 'asinh', 'atan', 'cos', 'cosh', 'elu', 'erf', 'exp', 'expm1', 'leakyRelu', 'logSigmoid', 'neg'] as const),
  ...(['relu', 'relu6', 'selu', 'sigmoid', 'sin', 'sinh', 'softplus', 'square', 'step', 'tan', 'tanh'] as const),
  ...(['ceil', 'floor', 'round', 'sign', 'onesLike', 'zerosLike', 'clone'] as const),
])
  add(
    name,
    () => [uniform([2, 5])],
    (x) => tf[name](x),
  );
for (const name of ['acosh', 'log', 'log1p', 'reciprocal', 'rsqrt', 'sqrt'] as const)
  add(
    name,
    () => [uniform([2, 5], 1.1, 3)],
    (x) => tf[name](x),
  );
for (const name of ['acos', 'asin', 'atanh'] as const)
  add(
    name,
    () => [uniform([2, 5], -0.9, 0.9)],
    (x) => tf[name](x),
  );
for (const name of ['isFinite', 'isInf', 'isNaN'] as const)
  addFixed(
    name,
    () => [tf.tensor1d([1, NaN, Infinity])],
    (x) => tf[name](x),
  );
add(
  'clipByValue',
  () => [uniform([9])],
  (x) => tf.clipByValue(x, -1, 1),
);
add(
  'prelu',
  () => [uniform([2, 5]), uniform([5])],
  (x, alpha) => tf.prelu(x, alpha),
);

for (const name of ['maximum', 'minimum', 'squaredDifference'] as const)
  add(
    name,
    () => [uniform([3, 4]), uniform([3, 4])],
    (a, b) => tf[name](a, b),
  );
for (const name of ['add', 'sub', 'mul', 'atan2'] as const)
  add(
    name,
    () => [uniform([3, 4]), uniform([4])],
    (a, b) => tf[name](a, b),
  );
for (const name of ['div', 'floorDiv', 'mod', 'pow'] as const)
  add(
    name,
    () => [uniform([3, 4], 0.5, 3), uniform([4], 0.5, 3)],
    (a, b) => tf[name](a, b),
  );
addFixed(
  'divNoNan',
  () => [uniform([3]), tf.tensor1d([0, 1, 2])],
  (a, b) => tf.divNoNan(a, b),
);
for (const name of ['equal', 'notEqual', 'greater', 'greaterEqual', 'less', 'lessEqual'] as const)
  addFixed(
    name,
    () => [integers([9], 3), integers([9], 3)],
    (a, b) => tf[name](a, b),
  );
for (const name of ['logicalAnd', 'logicalOr', 'logicalXor'] as const)
  addFixed(
    name,
    () => [bools([9]), bools([9])],
    (a, b) => tf[name](a, b),
  );
addFixed(
  'logicalNot',
  () => [bools([9])],
  (a) => tf.logicalNot(a),
);
add(
  'where',
  () => [bools([3, 4]), uniform([3, 4]), uniform([3, 4])],
  (c, a, b) => tf.where(c, a, b),
  false,
);
add(
  'where, gradient of the values',
  () => [uniform([4]), uniform([4])],
  (a, b) => tf.where(tf.tensor1d([true, false, false, true]), a, b),
);
addFixed(
  'int32 arithmetic',
  () => [integers([5], 9), integers([5], 9)],
  (a, b) => tf.floorDiv(tf.mul(a, b), tf.add(a, 1)),
);
for (const type of ['int32', 'bool', 'complex64'] as const)
  addFixed(
    `cast to ${type}`,
    () => [uniform([9])],
    (x) => (type === 'complex64' ? tf.real(tf.cast(x, type)) : tf.cast(x, type)),
  );
add(
  'cast from int32',
  () => [uniform([9])],
  (x) => tf.mul(x, tf.cast(tf.tensor1d([1, 2, 3, 4, 5, 6, 7, 8, 9], 'int32'), 'float32')),
);

for (const name of ['sum', 'mean', 'max', 'min', 'prod', 'logSumExp', 'euclideanNorm'] as const) {
  add(
    `${name} of all`,
    () => [uniform([3, 4])],
    (x) => tf[name](x),
  );
  add(
    `${name} along an axis`,
    () => [uniform([3, 4, 2])],
    (x) => tf[name](x, 1, true),
  );
}
for (const name of ['all', 'any'] as const)
  addFixed(
    name,
    () => [bools([3, 4])],
    (x) => tf[name](x, 0),
  );
for (const name of ['argMax', 'argMin'] as const)
  addFixed(
    name,
    () => [uniform([3, 4])],
    (x) => tf[name](x, 1),
  );
add(
  'norm',
  () => [uniform([3, 4])],
  (x) => tf.norm(x, 2, 0),
);
add(
  'moments',
  () => [image()],
  (x) => Object.values(tf.moments(x, [0, 1, 2])),
);
add(
  'cumsum',
  () => [uniform([3, 4])],
  (x) => tf.cumsum(x, 1, true, true),
);
add(
  'cumprod',
  () => [uniform([3, 4])],
  (x) => tf.cumprod(x, 1),
  false,
);
addFixed(
  'bincount',
  () => [integers([9], 4), uniform([9])],
  (x: tf.Tensor1D, w: tf.Tensor1D) => tf.bincount(x, w, 4),
);
add(
  'unsortedSegmentSum',
  () => [uniform([5, 2])],
  (x) => tf.unsortedSegmentSum(x, tf.tensor1d([0, 1, 0, 2, 1], 'int32'), 3),
);
addFixed(
  'topk',
  () => [uniform([3, 6])],
  (x) => Object.values(tf.topk(x, 2)) as tf.Tensor[],
);
addFixed(
  'unique',
  () => [integers([9], 3)],
  (x) => [tf.unique(x).values, tf.unique(x).indices],
);

add(
  'matMul',
  () => [uniform([2, 3, 4]), uniform([2, 5, 4])],
  (a, b) => tf.matMul(a, b, false, true),
);
add(
  'matMul of matrices',
  () => [uniform([3, 4]), uniform([3, 5])],
  (a, b) => tf.matMul(a, b, true),
);
add(
  'dot',
  () => [uniform([4]), uniform([4])],
  (a, b) => tf.dot(a, b),
);
add(
  'outerProduct',
  () => [uniform([3]), uniform([4])],
  (a: tf.Tensor1D, b: tf.Tensor1D) => tf.outerProduct(a, b),
);
add(
  'einsum',
  () => [uniform([3, 4]), uniform([4, 5])],
  (a, b) => tf.einsum('ij,jk->ik', a, b),
  false,
);
add(
  'fused.matMul',
  () => [uniform([3, 4]), uniform([4, 5]), uniform([5])],
  (a: tf.Tensor2D, b: tf.Tensor2D, bias) => tf.fused.matMul({ a, b, bias, activation: 'relu' }),
);
addFixed(
  'linalg.bandPart',
  () => [uniform([4, 4])],
  (x) => tf.linalg.bandPart(x, 1, 0),
);

add(
  'reshape',
  () => [uniform([3, 4])],
  (x) => tf.reshape(x, [2, 6]),
);
add(
  'expandDims',
  () => [uniform([3, 4])],
  (x) => tf.expandDims(x, 1),
);
add(
  'squeeze',
  () => [uniform([3, 1, 4])],
  (x) => tf.squeeze(x),
);
add(
  'transpose',
  () => [uniform([2, 3, 4])],
  (x) => tf.transpose(x, [2, 0, 1]),
);
add(
  'reverse',
  () => [uniform([3, 4])],
  (x) => tf.reverse(x, 1),
);
add(
  'tile',
  () => [uniform([2, 3])],
  (x) => tf.tile(x, [2, 3]),
);
add(
  'broadcastTo',
  () => [uniform([1, 3])],
  (x) => tf.broadcastTo(x, [4, 3]),
);
add(
  'concat',
  () => [uniform([2, 3]), uniform([2, 4])],
  (a, b) => tf.concat([a, b], 1),
);
add(
  'stack',
  () => [uniform([2, 3]), uniform([2, 3])],
  (a, b) => tf.stack([a, b], 1),
);
add(
  'unstack',
  () => [uniform([2, 3])],
  (x) => tf.unstack(x),
);
add(
  'split',
  () => [uniform([4, 6])],
  (x) => tf.split(x, [1, 5], 1),
);
add(
  'slice',
  () => [uniform([4, 6])],
  (x) => tf.slice(x, [1, 2], [2, 3]),
);
add(
  'stridedSlice',
  () => [uniform([5, 6])],
  (x) => tf.stridedSlice(x, [4, 0], [0, 6], [-2, 2]),
  false,
);
add(
  'pad',
  () => [uniform([2, 3])],
  (x) =>
    tf.pad(
      x,
      [
        [1, 2],
        [0, 1],
      ],
      0.5,
    ),
);
for (const mode of ['reflect', 'symmetric'] as const)
  add(
    `mirrorPad ${mode}`,
    () => [uniform([3, 3])],
    (x) =>
      tf.mirrorPad(
        x,
        [
          [1, 1],
          [0, 2],
        ],
        mode,
      ),
    false,
  );
add(
  'gather',
  () => [uniform([5, 3])],
  (x) => tf.gather(x, tf.tensor1d([4, 0, 4], 'int32')),
);
addFixed(
  'gather by an input',
  () => [uniform([2, 5, 3]), integers([2, 4], 5)],
  (x, i) => tf.gather(x, i, 1, 1),
);
add(
  'gatherND',
  () => [uniform([4, 3])],
  (x) =>
    tf.gatherND(
      x,
      tf.tensor2d(
        [
          [0, 1],
          [3, 2],
        ],
        undefined,
        'int32',
      ),
    ),
  false,
);
addFixed(
  'scatterND',
  () => [uniform([2])],
  (x) => tf.scatterND(tf.tensor2d([[0], [3]], undefined, 'int32'), x, [5]),
);
addFixed(
  'tensorScatterUpdate',
  () => [uniform([5]), uniform([2])],
  (x, u) => tf.tensorScatterUpdate(x, tf.tensor2d([[0], [3]], undefined, 'int32'), u),
);
addFixed(
  'sparseToDense',
  () => [uniform([2])],
  (x) => tf.sparseToDense(tf.tensor1d([1, 3], 'int32'), x, [5], tf.scalar(0.5)),
);
addFixed(
  'oneHot',
  () => [integers([5], 4)],
  (x) => tf.oneHot(x, 4, 2, -1),
);
add(
  'batchToSpaceND',
  () => [uniform([4, 2, 2, 1])],
  (x) =>
    tf.batchToSpaceND(
      x,
      [2, 2],
      [
        [0, 1],
        [0, 0],
      ],
    ),
);
add(
  'spaceToBatchND',
  () => [uniform([1, 3, 4, 1])],
  (x) =>
    tf.spaceToBatchND(
      x,
      [2, 2],
      [
        [0, 1],
        [0, 0],
      ],
    ),
);
add(
  'depthToSpace',
  () => [uniform([1, 2, 2, 8])],
  (x: tf.Tensor4D) => tf.depthToSpace(x, 2),
  false,
);
addFixed(
  'meshgrid',
  () => [uniform([3]), uniform([4])],
  (a, b) => tf.meshgrid(a, b),
);
addFixed(
  'diag',
  () => [uniform([3])],
  (x) => tf.diag(x),
);
addFixed(
  'fill, range, linspace, eye',
  () => [uniform([3])],
  (x) => [tf.add(x, tf.fill([3], 2)), tf.add(x, tf.range(0, 3)), tf.add(x, tf.linspace(0, 1, 3)), tf.add(x, tf.eye(3))],
);

add(
  'conv1d',
  () => [uniform([2, 9, 3]), uniform([3, 3, 4])],
  (x: tf.Tensor3D, f: tf.Tensor3D) => tf.conv1d(x, f, 2, 'same'),
);
add(
  'conv2d',
  () => [image(), uniform([3, 3, 3, 4])],
  (x: tf.Tensor4D, f: tf.Tensor4D) => tf.conv2d(x, f, 2, 'same'),
);
add(
  'conv2d, explicit padding',
  () => [image(), uniform([3, 3, 3, 4])],
  (x: tf.Tensor4D, f: tf.Tensor4D) =>
    tf.conv2d(x, f, 1, [
      [0, 0],
      [1, 2],
      [0, 1],
      [0, 0],
    ]),
);
add(
  'conv2d, dilated',
  () => [image(9), uniform([3, 3, 3, 4])],
  (x: tf.Tensor4D, f: tf.Tensor4D) => tf.conv2d(x, f, 1, 'same', 'NHWC', 2),
);
add(
  'conv2dTranspose',
  () => [uniform([1, 3, 3, 4]), uniform([3, 3, 2, 4])],
  (x: tf.Tensor4D, f: tf.Tensor4D) => tf.conv2dTranspose(x, f, [1, 6, 6, 2], 2, 'same'),
);
add(
  'depthwiseConv2d',
  () => [image(), uniform([3, 3, 3, 2])],
  (x: tf.Tensor4D, f: tf.Tensor4D) => tf.depthwiseConv2d(x, f, 1, 'same'),
);
addFixed(
  'depthwiseConv2d, dilated',
  () => [image(9), uniform([3, 3, 3, 2])],
  (x: tf.Tensor4D, f: tf.Tensor4D) => tf.depthwiseConv2d(x, f, 1, 'same', 'NHWC', 2),
);
add(
  'separableConv2d',
  () => [image(), uniform([3, 3, 3, 2]), uniform([1, 1, 6, 4])],
  (x: tf.Tensor4D, d: tf.Tensor4D, p: tf.Tensor4D) => tf.separableConv2d(x, d, p, 1, 'same'),
);
add(
  'conv3d',
  () => [uniform([1, 4, 5, 6, 2]), uniform([2, 2, 2, 2, 3])],
  (x: tf.Tensor5D, f: tf.Tensor5D) => tf.conv3d(x, f, 1, 'same'),
);
add(
  'dilation2d',
  () => [image(), uniform([2, 2, 3])],
  (x: tf.Tensor4D, f: tf.Tensor3D) => tf.dilation2d(x, f, 1, 'same'),
);
addFixed(
  'fused.conv2d',
  () => [image(), uniform([3, 3, 3, 4]), uniform([4])],
  (x: tf.Tensor4D, filter: tf.Tensor4D, bias) =>
    tf.fused.conv2d({ x, filter, strides: 1, pad: 'same', bias, activation: 'relu6' }),
);
addFixed(
  'fused.depthwiseConv2d',
  () => [image(), uniform([3, 3, 3, 2]), uniform([6])],
  (x: tf.Tensor4D, filter: tf.Tensor4D, bias) =>
    tf.fused.depthwiseConv2d({ x, filter, strides: 1, pad: 'same', bias, activation: 'relu' }),
);
for (const name of ['avgPool', 'maxPool'] as const)
  add(
    name,
    () => [image()],
    (x: tf.Tensor4D) => tf[name](x, [2, 3], 2, 'same'),
  );
for (const name of ['avgPool3d', 'maxPool3d'] as const)
  add(
    name,
    () => [uniform([1, 4, 4, 4, 2])],
    (x: tf.Tensor5D) => tf[name](x, 2, 2, 'valid'),
  );
add(
  'pool, dilated',
  () => [image(8)],
  (x: tf.Tensor4D) => tf.pool(x, 2, 'avg', 'same', 2),
);
add(
  'batchNorm',
  () => [image(), uniform([3]), uniform([3], 0.5, 2), uniform([3]), uniform([3])],
  (x: tf.Tensor4D, m: tf.Tensor1D, v: tf.Tensor1D, o: tf.Tensor1D, s: tf.Tensor1D) => tf.batchNorm(x, m, v, o, s, 1e-3),
);
add(
  'localResponseNormalization',
  () => [image()],
  (x: tf.Tensor4D) => tf.localResponseNormalization(x, 2),
);
addFixed(
  'basicLSTMCell',
  () => [uniform([2, 3]), uniform([2, 4]), uniform([2, 4])],
  (x: tf.Tensor2D, c: tf.Tensor2D, h: tf.Tensor2D) =>
    tf.basicLSTMCell(tf.scalar(1), tf.ones([7, 16]), tf.zeros([16]), x, c, h),
);
add(
  'softmax',
  () => [uniform([3, 4])],
  (x) => tf.softmax(x),
);
add(
  'logSoftmax',
  () => [uniform([3, 4])],
  (x) => tf.logSoftmax(x),
);
addFixed(
  'dropout of rate 0',
  () => [uniform([3, 4])],
  (x) => tf.dropout(x, 0),
);

for (const [align, half] of [
  [false, false],
  [true, false],
  [false, true],
] as const) {
  const kind = align ? ', aligned corners' : half ? ', half-pixel centres' : '';
  add(
    `resizeBilinear${kind}`,
    () => [image()],
    (x: tf.Tensor4D) => tf.image.resizeBilinear(x, [9, 4], align, half),
  );
  add(
    `resizeNearestNeighbor${kind}`,
    () => [image()],
    (x: tf.Tensor4D) => tf.image.resizeNearestNeighbor(x, [9, 4], align, half),
  );
}
addFixed(
  'image.threshold',
  () => [tf.round(uniform([4, 4, 1], 0, 255))],
  (x: tf.Tensor3D) => tf.image.threshold(x, 'binary', false, 0.5),
);
addFixed(
  'image.cropAndResize',
  () => [image(), uniform([3, 4], 0, 1)],
  (x: tf.Tensor4D, b: tf.Tensor2D) => tf.image.cropAndResize(x, b, tf.tensor1d([0, 1, 1], 'int32'), [4, 5]),
);
addFixed(
  'image.flipLeftRight',
  () => [image()],
  (x: tf.Tensor4D) => tf.image.flipLeftRight(x),
);
addFixed(
  'image.grayscaleToRGB',
  () => [uniform([2, 3, 4, 1])],
  (x: tf.Tensor4D) => tf.image.grayscaleToRGB(x),
);
addFixed(
  'image.rgbToGrayscale',
  () => [image()],
  (x: tf.Tensor4D) => tf.image.rgbToGrayscale(x),
);
addFixed(
  'image.nonMaxSuppression',
  () => [uniform([6, 4], 0, 1), uniform([6])],
  (b: tf.Tensor2D, s: tf.Tensor1D) => tf.image.nonMaxSuppression(b, s, 3),
);
addFixed(
  'image.nonMaxSuppressionWithScore',
  () => [uniform([6, 4], 0, 1), uniform([6])],
  (b: tf.Tensor2D, scores: tf.Tensor1D) => Object.values(tf.image.nonMaxSuppressionWithScore(b, scores, 3)),
);
addFixed(
  'image.nonMaxSuppressionPadded',
  () => [uniform([6, 4], 0, 1), uniform([6])],
  (b: tf.Tensor2D, s: tf.Tensor1D) => [tf.image.nonMaxSuppressionPadded(b, s, 5, 0.5, 0, true)['selectedIndices']!],
);
addFixed(
  'abs of complex numbers',
  () => [uniform([4]), uniform([4])],
  (re, im) => tf.abs(tf.complex(re, im)),
);
addFixed(
  'broadcastArgs',
  () => [tf.tensor1d([1, 3], 'int32'), tf.tensor1d([2, 1], 'int32')],
  (a, b) => tf.broadcastArgs(a, b),
);
addFixed(
  'fft',
  () => [uniform([2, 8]), uniform([2, 8])],
  (re, im) => {
    const y = tf.fft(tf.complex(re, im));
    return [tf.real(y), tf.imag(y)];
  },
);
addFixed(
  'ifft',
  () => [uniform([2, 8]), uniform([2, 8])],
  (re, im) => {
    const y = tf.ifft(tf.complex(re, im));
    return [tf.real(y), tf.imag(y)];
  },
);
addFixed(
  'rfft',
  () => [uniform([2, 8])],
  (x) => {
    const y = tf.rfft(x);
    return [tf.real(y), tf.imag(y)];
  },
);
addFixed(
  'irfft',
  () => [uniform([1, 5]), uniform([1, 5])],
  (re, im) => tf.irfft(tf.complex(re, im)),
);
addFixed(
  'signal.stft',
  () => [uniform([16])],
  (x: tf.Tensor1D) => tf.real(tf.signal.stft(x, 8, 4)),
);

add(
  'losses.meanSquaredError',
  () => [uniform([3, 4]), uniform([3, 4])],
  (a, b) => tf.losses.meanSquaredError(a, b),
);
add(
  'losses.huberLoss',
  () => [uniform([3, 4]), uniform([3, 4])],
  (a, b) => tf.losses.huberLoss(a, b),
);
add(
  'losses.softmaxCrossEntropy',
  () => [uniform([3, 4])],
  (x) => tf.losses.softmaxCrossEntropy(tf.oneHot(tf.tensor1d([0, 3, 1], 'int32'), 4), x),
);
add(
  'losses.sigmoidCrossEntropy',
  () => [uniform([3, 4])],
  (x) => tf.losses.sigmoidCrossEntropy(tf.onesLike(x), x),
);
add(
  'losses.logLoss',
  () => [uniform([3, 4], 0.1, 0.9)],
  (x) => tf.losses.logLoss(tf.onesLike(x), x),
);
addFixed(
  'randomUniform with a seed',
  () => [uniform([4])],
  (x) => tf.add(x, tf.randomUniform([4], 0, 1, 'float32', 7)),
);
addFixed(
  'randomNormal with a seed',
  () => [uniform([4])],
  (x) => tf.add(x, tf.randomNormal([4], 0, 1, 'float32', 7)),
);
addFixed(
  'truncatedNormal with a seed',
  () => [uniform([4])],
  (x) => tf.add(x, tf.truncatedNormal([4], 0, 1, 'float32', 7)),
);
addFixed(
  'dropout with a seed',
  () => [uniform([4])],
  (x) => tf.dropout(x, 0.5, undefined, 7),
);
addFixed(
  'multinomial with a seed',
  () => [uniform([2, 4])],
  (x: tf.Tensor2D) => tf.multinomial(x, 5, 7),
);
addFixed(
  'string.staticRegexReplace',
  () => [tf.tensor1d(['ab', 'cb'])],
  (x) => tf.string.staticRegexReplace(x, 'b', 'd'),
);
addFixed(
  'linalg.gramSchmidt',
  () => [uniform([3, 3])],
  (x: tf.Tensor2D) => tf.linalg.gramSchmidt(x),
);
addFixed(
  'linalg.qr',
  () => [uniform([3, 3])],
  (x) => tf.linalg.qr(x),
);
addFixed(
  'confusionMatrix',
  () => [integers([9], 3), integers([9], 3)],
  (a: tf.Tensor1D, b: tf.Tensor1D) => tf.math.confusionMatrix(a, b, 3),
);

export const OP_CASES: readonly OpCase[] = CASES;
