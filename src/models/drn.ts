import tf from '../common/tf.cjs';
import { Random } from '../common/random.js';
import { BatchNorm, BilinearUpsampler, Convolution, type NamedLayer } from './layers.js';
import type { Network, NetworkConfig, NetworkOptions } from './network.js';
import { layeredNetwork, parametersOf } from './layered-network.js';

type Symbolic = tf.SymbolicTensor;

/** One member of the family: how many blocks in each of its eight layers. */
export interface DrnVariant {
  arch: 'C' | 'D';
  block: 'basic' | 'bottleneck';
  layers: readonly [number, number, number, number, number, number, number, number];
}

/** @source fyu/drn, drn.py: drn_c_26 .. drn_d_105 */
export const DRN_VARIANTS: Readonly<Record<string, DrnVariant>> = {
  'drn-c-26': { arch: 'C', block: 'basic', layers: [1, 1, 2, 2, 2, 2, 1, 1] },
  'drn-c-42': { arch: 'C', block: 'basic', layers: [1, 1, 3, 4, 6, 3, 1, 1] },
  'drn-d-22': { arch: 'D', block: 'basic', layers: [1, 1, 2, 2, 2, 2, 1, 1] },
  'drn-d-24': { arch: 'D', block: 'basic', layers: [1, 1, 2, 2, 2, 2, 2, 2] },
  'drn-d-38': { arch: 'D', block: 'basic', layers: [1, 1, 3, 4, 6, 3, 1, 1] },
  'drn-d-54': { arch: 'D', block: 'bottleneck', layers: [1, 1, 3, 4, 6, 3, 1, 1] },
  'drn-d-105': { arch: 'D', block: 'bottleneck', layers: [1, 1, 3, 4, 23, 3, 1, 1] },
};

const CHANNELS = [16, 32, 64, 128, 256, 512, 512, 512];

/** Channels of layer `index` (0..7) at a width multiplier: multiples of 8, at least 8. */
function channelsAt(index: number, width: number): number {
  return Math.max(8, Math.round((CHANNELS[index]! * width) / 8) * 8);
}

/**
 * A dilated residual network for segmentation, with the reference's names: `base.N` for the trunk, `seg`, `up`.
 *
 * @param config a name out of {@link DRN_VARIANTS}
 * @param options.seed of the initial weights, drawn as the reference draws them; null leaves them at 0
 * @source Yu, Koltun, Funkhouser, "Dilated Residual Networks", CVPR 2017; fyu/drn, drn.py and segment.py
 */
export function createDrn(config: NetworkConfig, { seed, preprocessing }: NetworkOptions): Network {
  const { arch, block, layers: depths } = DRN_VARIANTS[config.name]!;
  const made: NamedLayer[] = [];
  const keep = <L extends NamedLayer>(layer: L): L => {
    made.push(layer);
    return layer;
  };
  const random = seed === null ? null : Random.of(seed, 'weights');
  const channels = (index: number): number => channelsAt(index, config.width);

  const conv = (
    x: Symbolic,
    prefix: string,
    filters: number,
    kernel: number,
    stride = 1,
    dilation = 1,
    bias = false,
  ) => {
    const drawn = random && random.integer(2 ** 31);
    const layer = new Convolution({ prefix, filters, kernel, stride, dilation, bias, seed: drawn });
    return keep(layer).apply(x) as Symbolic;
  };
  const norm = (x: Symbolic, prefix: string) =>
    keep(new BatchNorm({ prefix, epsilon: config.epsilon })).apply(x) as Symbolic;
  const relu = (x: Symbolic, name: string) => tf.layers.activation({ activation: 'relu', name }).apply(x) as Symbolic;
  const width = (x: Symbolic): number => x.shape[3]!;

  interface BlockArgs {
    prefix: string;
    filters: number;
    stride: number;
    dilation: number;
    residual: boolean;
  }

  /** conv3x3 - conv3x3, or conv1x1 - conv3x3 - conv1x1 with four times the channels. */
  const residualBlock = (x: Symbolic, { prefix, filters, stride, dilation, residual }: BlockArgs): Symbolic => {
    const out = block === 'bottleneck' && residual ? filters * 4 : filters;
    const parts =
      out === filters
        ? ([
            [3, filters, stride, dilation],
            [3, filters, 1, dilation],
          ] as const)
        : ([
            [1, filters, 1, 1],
            [3, filters, stride, dilation],
            [1, out, 1, 1],
          ] as const);
    let y = x;
    parts.forEach(([kernel, count, step, spread], i) => {
      y = norm(conv(y, `${prefix}.conv${i + 1}`, count, kernel, step, spread), `${prefix}.bn${i + 1}`);
      if (i < parts.length - 1) y = relu(y, `${prefix}.relu${i + 1}`);
    });
    const fits = stride === 1 && width(x) === out;
    // The reference makes a projection where shapes differ, also where `residual` is off and it goes unused.
    const shortcut = fits ? x : norm(conv(x, `${prefix}.downsample.0`, out, 1, stride), `${prefix}.downsample.1`);
    if (residual) y = tf.layers.add({ name: `${prefix}.add` }).apply([y, shortcut]) as Symbolic;
    return relu(y, `${prefix}.relu`);
  };

  const plainConvs = (
    x: Symbolic,
    prefix: string,
    filters: number,
    count: number,
    stride: number,
    dilation: number,
  ) => {
    let y = x;
    for (let i = 0; i < count; i++) {
      y = norm(conv(y, `${prefix}.${3 * i}`, filters, 3, i === 0 ? stride : 1, dilation), `${prefix}.${3 * i + 1}`);
      y = relu(y, `${prefix}.${3 * i + 2}`);
    }
    return y;
  };
  const blocks = (
    x: Symbolic,
    prefix: string,
    filters: number,
    count: number,
    stride: number,
    dilation: number,
    residual = true,
  ) => {
    let y = x;
    for (let i = 0; i < count; i++) {
      y = residualBlock(y, { prefix: `${prefix}.${i}`, filters, stride: i === 0 ? stride : 1, dilation, residual });
    }
    return y;
  };

  const input = tf.input({ shape: [null, null, 3] });
  // D counts its stem as one child of the trunk, C as three.
  const stem = arch === 'D' ? ['base.0.0', 'base.0.1', 'base.0.2'] : ['base.0', 'base.1', 'base.2'];
  const child = (layer: number): string => `base.${layer + (arch === 'D' ? 0 : 2)}`;
  const edge = arch === 'D' ? plainConvs : blocks;
  let x = relu(norm(conv(input, stem[0]!, channels(0), 7), stem[1]!), stem[2]!); // [b, h, w, 16]
  x = edge(x, child(1), channels(0), depths[0], 1, 1); //                            [b, h, w, 16]
  x = edge(x, child(2), channels(1), depths[1], 2, 1); //                            [b, h/2, w/2, 32]
  x = blocks(x, child(3), channels(2), depths[2], 2, 1); //                          [b, h/4, w/4, 64]
  x = blocks(x, child(4), channels(3), depths[3], 2, 1); //                          [b, h/8, w/8, 128]
  x = blocks(x, child(5), channels(4), depths[4], 1, 2); //                          [b, h/8, w/8, 256]
  x = blocks(x, child(6), channels(5), depths[5], 1, 4); //                          [b, h/8, w/8, 512]
  x = edge(x, child(7), channels(6), depths[6], 1, 2, false); //                     [b, h/8, w/8, 512]
  x = edge(x, child(8), channels(7), depths[7], 1, 1, false); //                     [b, h/8, w/8, 512]
  x = conv(x, 'seg', config.classes, 1, 1, 1, true); //                              [b, h/8, w/8, classes]
  const logits = keep(new BilinearUpsampler({ prefix: 'up' })).apply(x) as Symbolic; // [b, h, w, classes]
  const model = tf.model({ inputs: input, outputs: logits, name: config.name });

  return layeredNetwork({
    ...{ spec: config, task: 'segmentation', parameters: parametersOf(made), model, stride: 8, preprocessing },
  });
}
