import tf from '../common/tf.cjs';
import type { NativeBackend } from '../engine/native.js';
import { attributes } from '../engine/attrs.js';
import type { ConvInfo } from './conv-info.js';

/**
 * Whether one matrix product per tap beats the native filter backprop: oneDNN's needs barriers to share its transpositions between
 * threads, TensorFlow's thread pool has none, and from about 256 x 256 channels on the products win (docs/benchmarks.md).
 */
export function wantsTaps({
  strideHeight,
  strideWidth,
  inChannels,
  outChannels,
  filterHeight,
  filterWidth,
  filterShape,
}: ConvInfo): boolean {
  if (strideHeight * strideWidth > 1 || filterShape[2] !== inChannels) return false;
  return filterHeight * filterWidth > 1 && inChannels * outChannels >= 256 * 256;
}

/** `dW` at stride 1 as one matrix product per tap, in raw native ops, which a compiled graph can run in bfloat16. */
export function tapsFilterGradient(
  backend: NativeBackend,
  info: ConvInfo,
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
): tf.Tensor4D {
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
    return reshape(all, [filterHeight, filterWidth, inChannels, outChannels]) as tf.Tensor4D;
  });
}
