import tf from '../common/tf.cjs';
import type { LayerVariable } from '@tensorflow/tfjs-layers/dist/variables.js';
import { conv2d } from '../ops/index.js';
import type { NamedLayer, NamedWeight } from './layers.js';

export interface DepthwiseArgs {
  /** The reference's name: `_blocks.0._depthwise_conv`. */
  prefix: string;
  /** Side of the square kernel, odd. */
  kernel: number;
  stride: number;
  /** Seed of the initial weights; null leaves them at 0, for weights that are loaded next. */
  seed: number | null;
}

/** A square convolution of every channel by itself, without a bias, padded as TensorFlow's `same` does: a strided one more behind. */
export class DepthwiseConvolution extends tf.layers.Layer implements NamedLayer {
  static readonly className = 'GearnnDepthwiseConvolution';
  readonly prefix: string;
  private readonly settings: DepthwiseArgs;
  private weight!: LayerVariable;

  constructor(args: DepthwiseArgs) {
    super({ name: args.prefix });
    this.prefix = args.prefix;
    this.settings = args;
  }

  override build(shape: tf.Shape): void {
    const { kernel, seed } = this.settings;
    // As many values feed an output as one feeds: the kernel's.
    const stddev = Math.sqrt(2 / (kernel * kernel));
    const first = seed === null ? tf.initializers.zeros() : tf.initializers.randomNormal({ mean: 0, stddev, seed });
    this.weight = this.addWeight(`${this.prefix}.weight`, [kernel, kernel, 1, shape[3]!], 'float32', first);
    this.built = true;
  }

  override computeOutputShape([batch, height, width, channels]: tf.Shape): tf.Shape {
    const size = (length: number | null): number | null =>
      length === null ? null : Math.ceil(length / this.settings.stride);
    return [batch!, size(height!), size(width!), channels!];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor4D;
      const { kernel, stride } = this.settings;
      const sides = [x.shape[1], x.shape[2]].flatMap((length) => {
        const missing = Math.max(0, (Math.ceil(length / stride) - 1) * stride + kernel - length);
        return [Math.floor(missing / 2), Math.ceil(missing / 2)];
      }) as [number, number, number, number];
      return conv2d(x, this.weight.read() as tf.Tensor4D, { strides: [stride, stride], pads: sides });
    });
  }

  named(): NamedWeight[] {
    return [{ name: `${this.prefix}.weight`, role: 'weight', layout: 'conv', variable: this.weight }];
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.settings };
  }
}

tf.serialization.registerClass(DepthwiseConvolution as never);
