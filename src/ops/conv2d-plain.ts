import * as tf from '@tensorflow/tfjs';
import type { ConvInfo } from './conv-info.js';

/** `dx`: dy with `stride - 1` zeros between its values, convolved with the filter turned by 180 degrees. */
export function plainInputGradient(info: ConvInfo, filter: tf.Tensor4D, dy: tf.Tensor4D): tf.Tensor4D {
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
    return tf.reshape(tf.stack(taps), info.filterShape);
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
