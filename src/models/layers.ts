import tf from '../common/tf.cjs';
import type { LayerVariable } from '@tensorflow/tfjs-layers/dist/variables.js';
import { batchNormFrozen, batchNormTraining, bilinearKernel, upsampleBilinear, UPSAMPLING } from '../ops/index.js';
import type { Parameter, Statistics } from './network.js';
import { blended } from './statistics.js';

/** PyTorch's BatchNorm2d: epsilon, and the share of the new batch in the running statistics. */
export const EPSILON = 1e-5;
const MOMENTUM = 0.1;

/** One weight of a layer, and what it is. */
export interface NamedWeight extends Pick<Parameter, 'name' | 'role' | 'layout'> {
  variable: LayerVariable;
}

/** A layer that says what each of its weights is, and is called in the reference. */
export interface NamedLayer extends tf.layers.Layer {
  /** The group of its weights. */
  readonly prefix: string;
  /** In the reference's order. */
  named(): NamedWeight[];
}

export interface ConvolutionArgs {
  /** The reference's name: `base.0.0`. */
  prefix: string;
  filters: number;
  /** Side of the square kernel. */
  kernel: number;
  stride?: number;
  dilation?: number;
  bias?: boolean;
  /** Zero padding: the same on both sides, as PyTorch pads, or TensorFlow's, which pads a strided one more behind. Default: `both`. */
  padding?: 'both' | 'behind';
  /** Seed of the initial weights; null leaves them at 0, for weights that are loaded next. */
  seed?: number | null;
  /** Standard deviation of the initial weights. Default: a variance of 2 / (kernel area x filters), as fyu/drn and torchvision have it. */
  deviation?: number;
}

/** A square convolution. */
export class Convolution extends tf.layers.Layer implements NamedLayer {
  static readonly className = 'GearnnConvolution';
  readonly prefix: string;
  private readonly settings: Required<ConvolutionArgs>;
  private weight!: LayerVariable;
  private bias?: LayerVariable;

  constructor(args: ConvolutionArgs) {
    super({ name: args.prefix });
    this.prefix = args.prefix;
    const deviation = Math.sqrt(2 / (args.kernel * args.kernel * args.filters));
    this.settings = { stride: 1, dilation: 1, bias: false, padding: 'both', seed: 0, deviation, ...args };
  }

  override build(shape: tf.Shape): void {
    const { kernel, filters, seed, deviation: stddev } = this.settings;
    const channels = shape[3]!;
    const initializer =
      seed === null ? tf.initializers.zeros() : tf.initializers.randomNormal({ mean: 0, stddev, seed });
    this.weight = this.addWeight(`${this.prefix}.weight`, [kernel, kernel, channels, filters], 'float32', initializer);
    if (this.settings.bias) {
      this.bias = this.addWeight(`${this.prefix}.bias`, [filters], 'float32', tf.initializers.zeros());
    }
    this.built = true;
  }

  override computeOutputShape([batch, height, width]: tf.Shape): tf.Shape {
    const size = (length: number | null): number | null =>
      length === null ? null : Math.floor((length - 1) / this.settings.stride) + 1;
    return [batch!, size(height!), size(width!), this.settings.filters];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const { stride, dilation, kernel, padding } = this.settings;
      // At stride 1 `same` is symmetric. A strided one is padded first: oneDNN's kernels take no explicit paddings, and
      // the ones that do are ten times slower backwards.
      const isSame = stride === 1 || padding === 'behind';
      const x = isSame ? one(inputs) : padSides(one(inputs), (dilation * (kernel - 1)) / 2);
      const filter = this.weight.read() as tf.Tensor4D;
      const y = tf.conv2d(x, filter, stride, isSame ? 'same' : 'valid', 'NHWC', dilation);
      return this.bias ? tf.add(y, this.bias.read()) : y;
    });
  }

  named(): NamedWeight[] {
    const named: NamedWeight[] = [
      { name: `${this.prefix}.weight`, role: 'weight', layout: 'conv', variable: this.weight },
    ];
    if (this.bias) named.push({ name: `${this.prefix}.bias`, role: 'bias', layout: 'plain', variable: this.bias });
    return named;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.settings };
  }
}

/** PyTorch's BatchNorm2d: unbiased variance in the running statistics; by which it normalizes is said call by call. */
export class BatchNorm extends tf.layers.Layer implements NamedLayer {
  static readonly className = 'GearnnBatchNorm';
  readonly prefix: string;
  private scale!: LayerVariable;
  private offset!: LayerVariable;
  private mean!: LayerVariable;
  private variance!: LayerVariable;

  private readonly epsilon: number;

  /** @param args.epsilon added to the variance. Default: {@link EPSILON} */
  constructor(args: { prefix: string; epsilon?: number }) {
    super({ name: args.prefix });
    this.prefix = args.prefix;
    this.epsilon = args.epsilon ?? EPSILON;
  }

  override build(shape: tf.Shape): void {
    const add = (name: string, ones: boolean, trainable: boolean): LayerVariable =>
      this.addWeight(
        `${this.prefix}.${name}`,
        [shape[3]!],
        'float32',
        ones ? tf.initializers.ones() : tf.initializers.zeros(),
        undefined,
        trainable,
      );
    this.scale = add('weight', true, true);
    this.offset = add('bias', false, true);
    this.mean = add('running_mean', false, false);
    this.variance = add('running_var', true, false);
    this.built = true;
  }

  override call(
    inputs: tf.Tensor | tf.Tensor[],
    { statistics }: { statistics?: (group: string) => Statistics },
  ): tf.Tensor {
    return tf.tidy(() => {
      const x = one(inputs);
      const read = (variable: LayerVariable): tf.Tensor1D => variable.read() as tf.Tensor1D;
      const [scale, offset] = [read(this.scale), read(this.offset)];
      const chosen = statistics?.(this.prefix) ?? 'running';
      if (chosen === 'running') {
        return batchNormFrozen(
          x,
          { scale, offset, mean: read(this.mean), variance: read(this.variance) },
          this.epsilon,
        );
      }
      const own = batchNormTraining(x, { scale, offset }, this.epsilon);
      if (typeof chosen === 'object') {
        const mixed = blended(chosen, own, { mean: read(this.mean), variance: read(this.variance) });
        return batchNormFrozen(x, { scale, offset, ...mixed }, this.epsilon);
      }
      const { y, mean, variance } = own;
      for (const [running, value] of [
        [this.mean, mean],
        [this.variance, variance],
      ] as const) {
        const [kept, share] = chosen === 'sum' ? [1, 1] : [1 - MOMENTUM, MOMENTUM];
        running.write(tf.add(tf.mul(running.read(), kept), tf.mul(value, share)));
      }
      return y;
    });
  }

  named(): NamedWeight[] {
    return [
      { name: `${this.prefix}.weight`, role: 'scale', layout: 'plain', variable: this.scale },
      { name: `${this.prefix}.bias`, role: 'shift', layout: 'plain', variable: this.offset },
      { name: `${this.prefix}.running_mean`, role: 'mean', layout: 'plain', variable: this.mean },
      { name: `${this.prefix}.running_var`, role: 'variance', layout: 'plain', variable: this.variance },
    ];
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), prefix: this.prefix, epsilon: this.epsilon };
  }
}

/** The fixed bilinear upsampler by 8. Its kernel is part of the state, as in the reference, and never changes. */
export class BilinearUpsampler extends tf.layers.Layer implements NamedLayer {
  static readonly className = 'GearnnBilinearUpsampler';
  readonly prefix: string;
  private weight!: LayerVariable;

  constructor(args: { prefix: string }) {
    super({ name: args.prefix });
    this.prefix = args.prefix;
  }

  override build(shape: tf.Shape): void {
    const classes = shape[3]!;
    this.weight = this.addWeight(
      `${this.prefix}.weight`,
      [classes, 1, 16, 16],
      'float32',
      tf.initializers.zeros(),
      undefined,
      false,
    );
    const kernel = tf.tensor4d(bilinearKernel(classes), [classes, 1, 16, 16]);
    this.weight.write(kernel);
    kernel.dispose();
    this.built = true;
  }

  override computeOutputShape([batch, height, width, classes]: tf.Shape): tf.Shape {
    const scaled = (length: number | null): number | null => (length === null ? null : length * UPSAMPLING);
    return [batch!, scaled(height!), scaled(width!), classes!];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return upsampleBilinear(one(inputs));
  }

  named(): NamedWeight[] {
    return [{ name: `${this.prefix}.weight`, role: 'fixed', layout: 'plain', variable: this.weight }];
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), prefix: this.prefix };
  }
}

for (const layer of [Convolution, BatchNorm, BilinearUpsampler]) tf.serialization.registerClass(layer as never);

function padSides(x: tf.Tensor4D, side: number): tf.Tensor4D {
  return side === 0
    ? x
    : tf.pad4d(x, [
        [0, 0],
        [side, side],
        [side, side],
        [0, 0],
      ]);
}

function one(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor4D {
  return (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor4D;
}
