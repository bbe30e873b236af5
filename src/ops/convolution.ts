import tf from '../common/tf.cjs';
import { fail } from '../common/errors.js';
import type { ConvInfo } from './conv-info.js';
import { convFilterGradient, convForward, convInputGradient } from './conv2d-parts.js';

const FORWARD = 'GearnnConv2d';
const TRANSPOSED = 'GearnnConv2dTranspose';

export interface ConvOptions {
  /** Rows and columns from one window to the next. Default: 1. */
  strides?: [number, number];
  /** Rows and columns from one tap to the next. Default: 1. */
  dilations?: [number, number];
  /** Rows and columns of zeros around the picture: `[top, bottom, left, right]`. Default: none. */
  pads?: [number, number, number, number];
}

export interface ConvTransposeOptions extends ConvOptions {
  /** Rows and columns added at the end, fewer than the stride. Default: 0. */
  outputPadding?: [number, number];
}

/**
 * A convolution with any stride, dilation, padding and number of groups, which TensorFlow.js refuses in part: dilated and strided at once, or
 * grouped. As many groups as channels is the depthwise one.
 *
 * @param x `[batch, height, width, groups * seen]`
 * @param filter `[kernel height, kernel width, seen, groups * filters]`, the filters of one group after the other
 * @returns `[batch, (height + top + bottom - dilation (kernel - 1) - 1) / stride + 1, ..., groups * filters]`; differentiable
 * @throws E_SHAPE where the filter does not fit
 */
export function conv2d(x: tf.Tensor4D, filter: tf.Tensor4D, options: ConvOptions = {}): tf.Tensor4D {
  const info = convInfo(x.shape, filter.shape, options);
  return run(FORWARD, { x, filter }, info);
}

/**
 * The transposed convolution: what {@link conv2d} does to a gradient.
 *
 * @param x `[batch, height, width, groups * filters]`
 * @param filter `[kernel height, kernel width, seen, groups * filters]`, as the convolution that it transposes has it
 * @returns `[batch, (height - 1) stride + dilation (kernel - 1) + 1 - top - bottom + outputPadding, ..., groups * seen]`; differentiable
 * @throws E_SHAPE where the filter does not fit or `outputPadding` is not below the stride
 * @source PyTorch's ConvTranspose2d
 */
export function convTranspose2d(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  groups: number,
  options: ConvTransposeOptions = {},
): tf.Tensor4D {
  const { strides = [1, 1], dilations = [1, 1], pads = [0, 0, 0, 0], outputPadding = [0, 0] } = options;
  const size = (axis: 0 | 1): number =>
    (x.shape[axis + 1]! - 1) * strides[axis] +
    dilations[axis] * (filter.shape[axis]! - 1) +
    1 -
    pads[2 * axis]! -
    pads[2 * axis + 1]! +
    outputPadding[axis];
  const shape: [number, number, number, number] = [x.shape[0], size(0), size(1), filter.shape[2] * groups];
  const info = convInfo(shape, filter.shape, options);
  if (info.outShape.join() !== x.shape.join())
    fail('E_SHAPE', {
      where: 'convTranspose2d',
      expected: `a filter for [${x.shape}] in ${groups} groups, and less output padding than stride`,
      got: `a filter [${filter.shape}], output padding ${outputPadding}`,
    });
  return run(TRANSPOSED, { x, filter }, info);
}

function run(kernel: string, inputs: { x: tf.Tensor4D; filter: tf.Tensor4D }, info: ConvInfo): tf.Tensor4D {
  return tf.engine().runKernel(kernel, inputs, { info } as unknown as tf.NamedAttrMap) as tf.Tensor4D;
}

type Shape = [number, number, number, number];

function convInfo(x: Shape, filter: Shape, { strides = [1, 1], dilations = [1, 1], pads }: ConvOptions): ConvInfo {
  const groups = x[3] / filter[2];
  if (!Number.isInteger(groups) || filter[3] % groups !== 0)
    fail('E_SHAPE', {
      where: 'conv2d',
      expected: 'channels that are a multiple of those a filter sees, and as many filters in each group',
      got: `[${x}] and a filter [${filter}]`,
    });
  const of = (pad: 'same' | 'valid' | tf.backend_util.ExplicitPadding): ConvInfo =>
    tf.backend_util.computeConv2DInfo(x, filter, strides, dilations, pad, undefined, false, 'channelsLast');
  if (!pads || pads.every((side) => side === 0)) return of('valid');
  const [top, bottom, left, right] = pads;
  // What TensorFlow would pad itself it need not be given: its gradients take no other padding.
  const same = of('same');
  const { padInfo } = same;
  if ([padInfo.top, padInfo.bottom, padInfo.left, padInfo.right].join() === pads.join()) return same;
  return of([[0, 0], [top, bottom], [left, right], [0, 0]]); // prettier-ignore
}

interface Attrs {
  info: ConvInfo;
}
type Compute = (info: ConvInfo, x: tf.Tensor4D, filter: tf.Tensor4D) => tf.Tensor4D;

/** Two kernels that are the same code on every engine, so that a gradient is asked for only where it is needed. */
function kernelsOf(kernelName: string, compute: Compute): tf.KernelConfig[] {
  return ['tensorflow', 'wasm', 'cpu'].map((backendName) => ({
    kernelName,
    backendName,
    kernelFunc: ({ inputs, attrs }) => {
      const { x, filter } = inputs as unknown as Record<'x' | 'filter', tf.Tensor4D>;
      return compute((attrs as unknown as Attrs).info, x, filter);
    },
  }));
}

export const convolutionKernels = [
  ...kernelsOf(FORWARD, convForward),
  ...kernelsOf(TRANSPOSED, (info, x, filter) => convInputGradient(info, filter, x)),
];

function gradientOf(kernelName: string, dx: Compute, dw: Compute): tf.GradConfig {
  return {
    kernelName,
    inputsToSave: ['x', 'filter'],
    gradFunc: (dy, saved, attrs) => {
      const [x, filter] = saved as [tf.Tensor4D, tf.Tensor4D];
      const { info } = attrs as unknown as Attrs;
      const given = dy as tf.Tensor4D;
      return { x: () => dx(info, given, filter), filter: () => dw(info, x, given) };
    },
  };
}

export const convolutionGradients = [
  gradientOf(FORWARD, (info, dy, filter) => convInputGradient(info, filter, dy), convFilterGradient),
  gradientOf(TRANSPOSED, convForward, (info, x, dy) => convFilterGradient(info, dy, x)),
];
