import tf from '../common/tf.cjs';
import { conv2d, convTranspose2d } from './convolution.js';
import { pad } from './pad.js';
import { spread } from './spread.js';
import { stridedSlice } from './strided-slice.js';

type Triple = [number, number, number];

export interface Conv3dOptions {
  /** Depth, height, width, from one window to the next. Default: 1. */
  strides?: Triple;
  /** From one tap to the next. Default: 1. */
  dilations?: Triple;
  /** Zeros around the volume, `[before, behind]` along each axis. Default: none. */
  pads?: [number, number][];
}

export interface ConvTranspose3dOptions extends Conv3dOptions {
  /** Added at the end of each axis, less than the stride. Default: 0. */
  outputPadding?: Triple;
}

/**
 * A convolution of volumes as a sum of those of pictures, one for each plane of the filter: what {@link conv2d} takes it takes too. TensorFlow.js'
 * own has no groups, and its gradient is silently wrong on wasm.
 *
 * @param x `[batch, depth, height, width, groups * seen]`
 * @param filter `[kernel depth, kernel height, kernel width, seen, groups * filters]`
 * @returns `[batch, ..., groups * filters]`; differentiable
 */
export function conv3d(x: tf.Tensor5D, filter: tf.Tensor5D, options: Conv3dOptions = {}): tf.Tensor5D {
  return tf.tidy(() => {
    const { strides, dilations, pads } = filled(options);
    const padded = pad(x, [[0, 0], pads[0]!, [0, 0], [0, 0], [0, 0]]);
    const reach = dilations[0] * (filter.shape[0] - 1) + 1;
    const outputs = Math.floor((padded.shape[1]! - reach) / strides[0]) + 1;
    const planes = tf.unstack(filter).map((plane, tap) => {
      const first = tap * dilations[0];
      const steps = { axes: [1], steps: [strides[0]] };
      const seen = stridedSlice(padded, [first], [first + (outputs - 1) * strides[0] + 1], steps);
      return conv2d(asPictures(seen), plane as tf.Tensor4D, inPlane(options));
    });
    return asVolumes(tf.addN(planes), x.shape[0], outputs);
  });
}

/**
 * The transposed convolution of volumes.
 *
 * @param x `[batch, depth, height, width, groups * filters]`
 * @param filter `[kernel depth, kernel height, kernel width, seen, groups * filters]`
 * @returns `[batch, ..., groups * seen]`, sizes as for {@link convTranspose2d}; differentiable
 */
export function convTranspose3d(
  x: tf.Tensor5D,
  filter: tf.Tensor5D,
  groups: number,
  options: ConvTranspose3dOptions = {},
): tf.Tensor5D {
  return tf.tidy(() => {
    const { strides, dilations, pads } = filled(options);
    const added = options.outputPadding ?? [0, 0, 0];
    const [batch, depth] = x.shape;
    const length = (depth - 1) * strides[0] + dilations[0] * (filter.shape[0] - 1) + 1 + added[0];
    const pictures = asPictures(x);
    const planes = tf.unstack(filter).map((plane, tap) => {
      const flat = { ...inPlane(options), outputPadding: [added[1], added[2]] as [number, number] };
      const volume = asVolumes(convTranspose2d(pictures, plane as tf.Tensor4D, groups, flat), batch, depth);
      return spread(volume, 1, strides[0], tap * dilations[0], length);
    });
    return pad(tf.addN(planes), [[0, 0], [-pads[0]![0], -pads[0]![1]], [0, 0], [0, 0], [0, 0]]) as tf.Tensor5D; // prettier-ignore
  });
}

function filled({ strides = [1, 1, 1], dilations = [1, 1, 1], pads }: Conv3dOptions): Required<Conv3dOptions> {
  return { strides, dilations, pads: pads ?? [[0, 0], [0, 0], [0, 0]] }; // prettier-ignore
}

/** What of the options is left for a plane. */
function inPlane(options: Conv3dOptions) {
  const { strides, dilations, pads } = filled(options);
  return {
    strides: [strides[1], strides[2]] as [number, number],
    dilations: [dilations[1], dilations[2]] as [number, number],
    pads: [...pads[1]!, ...pads[2]!] as [number, number, number, number],
  };
}

function asPictures(x: tf.Tensor): tf.Tensor4D {
  const [batch, depth, height, width, channels] = x.shape as [number, number, number, number, number];
  return tf.reshape(x, [batch * depth, height, width, channels]);
}

function asVolumes(x: tf.Tensor, batch: number, depth: number): tf.Tensor5D {
  const [, height, width, channels] = x.shape as [number, number, number, number];
  return tf.reshape(x, [batch, depth, height, width, channels]);
}
