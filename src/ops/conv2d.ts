import * as tf from '@tensorflow/tfjs';
import { nativeBackend, type NativeBackend, type OpAttr } from '../engine/native.js';
import { attributes } from './attrs.js';

type ConvInfo = ReturnType<typeof tf.backend_util.computeConv2DInfo>;

/** What a recorded Conv2D kernel carries. */
interface ConvAttrs {
  strides: [number, number] | number;
  pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  dataFormat: 'NHWC' | 'NCHW';
  dilations: [number, number] | number;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/**
 * The gradient of conv2d, with any stride, padding and dilation; TensorFlow.js has none for dilated ones on any engine.
 *
 * For `y = conv2d(x, filter)` with `x [batch, height, width, in]`, `filter [kh, kw, in, out]` and `dy` like `y`:
 * on tensorflow the native backprop ops, elsewhere a convolution of `dy` with the flipped filter, and one matrix product per tap.
 */
export const conv2dGradient: tf.GradConfig = {
  kernelName: tf.Conv2D,
  inputsToSave: ['x', 'filter'],
  gradFunc: (dy, saved, attrs) => {
    const [x, filter] = saved as [tf.Tensor4D, tf.Tensor4D];
    const { strides, pad, dataFormat, dilations, dimRoundingMode } = attrs as unknown as ConvAttrs;
    const info = tf.backend_util.computeConv2DInfo(
      x.shape,
      filter.shape,
      strides,
      dilations,
      pad,
      dimRoundingMode,
      false,
      tf.backend_util.convertConv2DDataFormat(dataFormat),
    );
    const grad = dy as tf.Tensor4D;
    const backend = nativeBackend();
    if (backend) {
      return {
        x: () => nativeBackprop(backend, 'Conv2DBackpropInput', info, x.shape, filter, grad),
        filter: () =>
          wantsTaps(info)
            ? nativeFilterGradient(backend, info, x, grad)
            : tf.tidy(() => nativeBackprop(backend, 'Conv2DBackpropFilter', info, filter.shape, sampled(info, x), grad)),
      };
    }
    return { x: () => inputGradient(info, filter, grad), filter: () => filterGradient(info, x, filter.shape, grad) };
  },
};

function nativeBackprop(
  backend: NativeBackend,
  op: 'Conv2DBackpropInput' | 'Conv2DBackpropFilter',
  info: ConvInfo,
  shape: number[],
  other: tf.Tensor,
  dy: tf.Tensor,
): tf.Tensor {
  const sizes = tf.tensor1d(shape, 'int32');
  const inputs = op === 'Conv2DBackpropInput' ? [sizes, other, dy] : [other, sizes, dy];
  const result = backend.executeSingleOutput(op, convAttrs(backend, info), inputs);
  sizes.dispose();
  return result;
}

/**
 * The part of `x` that a strided 1x1 convolution sees. oneDNN's AVX-512 kernel for the filter's gradient gathers those pixels itself
 * where the input is the output times the stride, and then writes past its buffer unless channels fill its blocks of 16, which
 * corrupts the heap (TensorFlow 2.21). An input without the rows and columns that go unseen takes another kernel.
 */
function sampled(info: ConvInfo, x: tf.Tensor4D): tf.Tensor4D {
  const { filterHeight, filterWidth, strideHeight, strideWidth, inChannels, outHeight, outWidth, batchSize } = info;
  if (filterHeight * filterWidth > 1 || strideHeight * strideWidth === 1 || inChannels % 16 === 0) return x;
  const [height, width] = [(outHeight - 1) * strideHeight + 1, (outWidth - 1) * strideWidth + 1];
  return tf.slice(x, [0, 0, 0, 0], [batchSize, height, width, inChannels]);
}

/**
 * Whether one matrix product per tap beats the native filter backprop: oneDNN's needs barriers to share its transpositions between
 * threads, TensorFlow's thread pool has none, and from about 256 x 256 channels on the products win (docs/benchmarks.md).
 */
function wantsTaps({
  strideHeight,
  strideWidth,
  inChannels,
  outChannels,
  filterHeight,
  filterWidth,
}: ConvInfo): boolean {
  return strideHeight * strideWidth === 1 && filterHeight * filterWidth > 1 && inChannels * outChannels >= 256 * 256;
}

/** {@link filterGradient} at stride 1 in raw native ops, which a compiled graph can run in bfloat16. */
function nativeFilterGradient(backend: NativeBackend, info: ConvInfo, x: tf.Tensor4D, dy: tf.Tensor4D): tf.Tensor {
  return tf.tidy(() => {
    const { binding } = backend;
    const make = attributes(binding);
    const float = make.type('T', binding.TF_FLOAT);
    const int = binding.TF_INT32;
    const { batchSize, outHeight, outWidth, inChannels, outChannels, filterHeight, filterWidth } = info;
    const { top, bottom, left, right } = info.padInfo;
    const reshape = (tensor: tf.Tensor, shape: number[]): tf.Tensor =>
      backend.executeSingleOutput('Reshape', [float, make.type('Tshape', int)], [tensor, tf.tensor1d(shape, 'int32')]);
    const paddings = tf.tensor2d([0, 0, top, bottom, left, right, 0, 0], [4, 2], 'int32');
    const padded = backend.executeSingleOutput('Pad', [float, make.type('Tpaddings', int)], [x, paddings]);
    const pixels = batchSize * outHeight * outWidth;
    const flatDy = reshape(dy, [pixels, outChannels]);
    const size = tf.tensor1d([batchSize, outHeight, outWidth, inChannels], 'int32');
    const product = [float, make.bool('transpose_a', true), make.bool('transpose_b', false)];
    const taps: tf.Tensor[] = [];
    for (let ky = 0; ky < filterHeight; ky++) {
      for (let kx = 0; kx < filterWidth; kx++) {
        const begin = tf.tensor1d([0, ky * info.dilationHeight, kx * info.dilationWidth, 0], 'int32');
        const seen = backend.executeSingleOutput('Slice', [float, make.type('Index', int)], [padded, begin, size]);
        taps.push(backend.executeSingleOutput('MatMul', product, [reshape(seen, [pixels, inChannels]), flatDy]));
      }
    }
    const count = make.int('N', taps.length);
    const all = backend.executeSingleOutput(
      'ConcatV2',
      [float, count, make.type('Tidx', int)],
      [...taps, tf.scalar(0, 'int32')],
    );
    return reshape(all, [filterHeight, filterWidth, inChannels, outChannels]);
  });
}

function convAttrs(backend: NativeBackend, info: ConvInfo): OpAttr[] {
  const make = attributes(backend.binding);
  const { top, bottom, left, right, type } = info.padInfo;
  // Eager oneDNN kernels, the only ones with dilated backprops, refuse explicit paddings also where they equal `same`.
  const padding =
    type === 'EXPLICIT'
      ? [make.text('padding', 'EXPLICIT'), make.int('explicit_paddings', [0, 0, top, bottom, left, right, 0, 0])]
      : [make.text('padding', type)];
  return [
    ...padding,
    make.type('T', backend.binding.TF_FLOAT),
    make.int('strides', [1, info.strideHeight, info.strideWidth, 1]),
    make.text('data_format', 'NHWC'),
    make.int('dilations', [1, info.dilationHeight, info.dilationWidth, 1]),
    make.bool('use_cudnn_on_gpu', true),
  ];
}

/** `dx`: dy with `stride - 1` zeros between its values, convolved with the filter turned by 180 degrees. */
function inputGradient(info: ConvInfo, filter: tf.Tensor4D, dy: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => {
    const spread = insertZeros(dy, info.strideHeight, info.strideWidth);
    const turned = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]) as tf.Tensor4D;
    // What the forward pass padded is cut off here, and what it did not reach is padded.
    const reachY = info.dilationHeight * (info.filterHeight - 1);
    const reachX = info.dilationWidth * (info.filterWidth - 1);
    const top = reachY - info.padInfo.top;
    const left = reachX - info.padInfo.left;
    const bottom = info.inHeight + reachY - top - spread.shape[1]!;
    const right = info.inWidth + reachX - left - spread.shape[2]!;
    const fitted = padOrCut(spread, [top, bottom], [left, right]);
    return tf.conv2d(fitted, turned, 1, 'valid', 'NHWC', [info.dilationHeight, info.dilationWidth]);
  });
}

/** `dW`: for each tap of the filter, the input it saw, times dy. */
function filterGradient(info: ConvInfo, x: tf.Tensor4D, shape: number[], dy: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => {
    const { outHeight, outWidth, strideHeight, strideWidth, dilationHeight, dilationWidth } = info;
    const needY = (outHeight - 1) * strideHeight + dilationHeight * (info.filterHeight - 1) + 1;
    const needX = (outWidth - 1) * strideWidth + dilationWidth * (info.filterWidth - 1) + 1;
    const fitted = padOrCut(
      x,
      [info.padInfo.top, needY - info.padInfo.top - info.inHeight],
      [info.padInfo.left, needX - info.padInfo.left - info.inWidth],
    );
    const flatDy = tf.reshape(dy, [-1, info.outChannels]) as tf.Tensor2D;
    const taps: tf.Tensor[] = [];
    for (let ky = 0; ky < info.filterHeight; ky++) {
      for (let kx = 0; kx < info.filterWidth; kx++) {
        const [y0, x0] = [ky * dilationHeight, kx * dilationWidth];
        const seen = tf.stridedSlice(
          fitted,
          [0, y0, x0, 0],
          [
            info.batchSize,
            y0 + (outHeight - 1) * strideHeight + 1,
            x0 + (outWidth - 1) * strideWidth + 1,
            info.inChannels,
          ],
          [1, strideHeight, strideWidth, 1],
        );
        taps.push(tf.matMul(tf.reshape(seen, [-1, info.inChannels]) as tf.Tensor2D, flatDy, true, false));
      }
    }
    return tf.reshape(tf.stack(taps), shape as [number, number, number, number]);
  });
}

function insertZeros(dy: tf.Tensor4D, strideY: number, strideX: number): tf.Tensor4D {
  if (strideY === 1 && strideX === 1) return dy;
  const [batch, height, width, channels] = dy.shape;
  const cells = tf.reshape(dy, [batch * height, 1, width, 1, channels]);
  // One row and one column of zeros after every value, `stride - 1` deep; those after the last are cut.
  const spread = tf.pad(cells, [
    [0, 0],
    [0, strideY - 1],
    [0, 0],
    [0, strideX - 1],
    [0, 0],
  ]);
  const grid = tf.reshape(spread, [batch, height * strideY, width * strideX, channels]);
  return tf.slice(
    grid,
    [0, 0, 0, 0],
    [batch, (height - 1) * strideY + 1, (width - 1) * strideX + 1, channels],
  ) as tf.Tensor4D;
}

/** Pads rows and columns with zeros where the count is positive, and cuts them off where it is negative. */
function padOrCut(x: tf.Tensor4D, rows: [number, number], columns: [number, number]): tf.Tensor4D {
  const cut = (count: number): number => Math.max(0, -count);
  const add = (count: number): number => Math.max(0, count);
  const [batch, height, width, channels] = x.shape;
  const kept = tf.slice(
    x,
    [0, cut(rows[0]), cut(columns[0]), 0],
    [batch, height - cut(rows[0]) - cut(rows[1]), width - cut(columns[0]) - cut(columns[1]), channels],
  ) as tf.Tensor4D;
  return tf.pad4d(kept, [
    [0, 0],
    [add(rows[0]), add(rows[1])],
    [add(columns[0]), add(columns[1])],
    [0, 0],
  ]);
}
