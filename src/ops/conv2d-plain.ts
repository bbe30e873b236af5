import tf from '../common/tf.cjs';
import { nativeBackend } from '../engine/native.js';
import { groupsOf, type ConvInfo } from './conv-info.js';

/** `y`, also where it is strided and dilated at once, which TensorFlow.js refuses: then of every place only those of the stride are kept. */
export function plainForward(info: ConvInfo, x: tf.Tensor4D, filter: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => {
    const { padInfo, strideHeight, strideWidth } = info;
    const padded = padOrCut(x, [padInfo.top, padInfo.bottom], [padInfo.left, padInfo.right]);
    if (strideHeight * strideWidth === 1 || info.dilationHeight * info.dilationWidth === 1)
      return convolveGroups(info, padded, filter, [strideHeight, strideWidth]);
    const everywhere = convolveGroups(info, padded, filter, [1, 1]);
    return tf.stridedSlice(everywhere, [0, 0, 0, 0], everywhere.shape, [
      1,
      strideHeight,
      strideWidth,
      1,
    ]) as tf.Tensor4D;
  });
}

/** A convolution without padding, by the kernels that TensorFlow.js has: one group, or one channel in each, or group after group. */
function convolveGroups(info: ConvInfo, x: tf.Tensor4D, filter: tf.Tensor4D, strides: [number, number]): tf.Tensor4D {
  const dilations: [number, number] = [info.dilationHeight, info.dilationWidth];
  const [height, width, seen, filters] = filter.shape;
  const groups = x.shape[3] / seen;
  if (groups === 1) return tf.conv2d(x, filter, strides, 'valid', 'NHWC', dilations);
  // TensorFlow's depthwise kernel takes dilations with oneDNN alone, without which it comes here.
  if (seen === 1 && !(nativeBackend() && info.dilationHeight * info.dilationWidth > 1)) {
    const turned = tf.reshape(filter, [height, width, groups, filters / groups]) as tf.Tensor4D;
    return tf.depthwiseConv2d(x, turned, strides, 'valid', 'NHWC', dilations) as tf.Tensor4D;
  }
  const filterParts = tf.split<tf.Tensor4D>(filter, groups, 3);
  const parts = tf
    .split<tf.Tensor4D>(x, groups, 3)
    .map((part, i) => tf.conv2d(part, filterParts[i]!, strides, 'valid', 'NHWC', dilations));
  return tf.concat(parts, 3);
}

/** `dx`: dy with `stride - 1` zeros between its values, convolved with the filter turned by 180 degrees. */
export function plainInputGradient(info: ConvInfo, filter: tf.Tensor4D, dy: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => {
    const spread = insertZeros(dy, info.strideHeight, info.strideWidth);
    const [height, width, seen, filters] = filter.shape;
    const groups = groupsOf(info);
    const grouped = tf.reshape(tf.reverse(filter, [0, 1]), [height, width, seen, groups, filters / groups]);
    const turned = tf.reshape(tf.transpose(grouped, [0, 1, 4, 3, 2]), [height, width, filters / groups, groups * seen]);
    // What the forward pass padded is cut off here, and what it did not reach is padded.
    const reachY = info.dilationHeight * (info.filterHeight - 1);
    const reachX = info.dilationWidth * (info.filterWidth - 1);
    const top = reachY - info.padInfo.top;
    const left = reachX - info.padInfo.left;
    const bottom = info.inHeight + reachY - top - spread.shape[1]!;
    const right = info.inWidth + reachX - left - spread.shape[2]!;
    const fitted = padOrCut(spread, [top, bottom], [left, right]);
    return convolveGroups(info, fitted, turned as tf.Tensor4D, [1, 1]);
  });
}

/** `dW`: for each tap of the filter, the input it saw, times dy. */
export function plainFilterGradient(info: ConvInfo, x: tf.Tensor4D, dy: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => {
    const { outHeight, outWidth, strideHeight, strideWidth, dilationHeight, dilationWidth } = info;
    const needY = (outHeight - 1) * strideHeight + dilationHeight * (info.filterHeight - 1) + 1;
    const needX = (outWidth - 1) * strideWidth + dilationWidth * (info.filterWidth - 1) + 1;
    const fitted = padOrCut(
      x,
      [info.padInfo.top, needY - info.padInfo.top - info.inHeight],
      [info.padInfo.left, needX - info.padInfo.left - info.inWidth],
    );
    const groups = groupsOf(info);
    const [, , channels, filters] = info.filterShape;
    const byGroup = (values: tf.Tensor, size: number): tf.Tensor =>
      groups === 1
        ? tf.reshape(values, [1, -1, size])
        : tf.transpose(tf.reshape(values, [-1, groups, size]), [1, 0, 2]);
    const flatDy = byGroup(dy, filters / groups);
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
        taps.push(tf.matMul(byGroup(seen, channels), flatDy, true, false));
      }
    }
    return tf.reshape(tf.transpose(tf.stack(taps), [0, 2, 1, 3]), info.filterShape);
  });
}

/** Puts `stride - 1` rows and columns of zeros between the values of `dy`. */
export function insertZeros(dy: tf.Tensor4D, strideY: number, strideX: number): tf.Tensor4D {
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

/** Pads rows and columns with `fill` where the count is positive, and cuts them off where it is negative. */
export function padOrCut(x: tf.Tensor4D, rows: [number, number], columns: [number, number], fill = 0): tf.Tensor4D {
  const cut = (count: number): number => Math.max(0, -count);
  const add = (count: number): number => Math.max(0, count);
  const [batch, height, width, channels] = x.shape;
  const kept = tf.slice(
    x,
    [0, cut(rows[0]), cut(columns[0]), 0],
    [batch, height - cut(rows[0]) - cut(rows[1]), width - cut(columns[0]) - cut(columns[1]), channels],
  ) as tf.Tensor4D;
  return tf.pad4d(
    kept,
    [
      [0, 0],
      [add(rows[0]), add(rows[1])],
      [add(columns[0]), add(columns[1])],
      [0, 0],
    ],
    fill,
  );
}
