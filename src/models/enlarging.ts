import tf from '../common/tf.cjs';
import type { LayerVariable } from '@tensorflow/tfjs-layers/dist/variables.js';
import type { NamedLayer, NamedWeight } from './layers.js';

/** Rows and columns that one becomes. */
const FACTOR = 2;

export interface EnlargingArgs {
  /** The reference's name: `mask_predictor.conv5_mask`. */
  prefix: string;
  filters: number;
  /** Seed of the initial weights; null leaves them at 0, for weights that are loaded next. */
  seed: number | null;
}

/**
 * PyTorch's ConvTranspose2d with a kernel and a stride of 2 and a bias: every pixel becomes 2 x 2. Its weight is `[2, 2, filters, in]` here,
 * `[in, filters, 2, 2]` in the reference.
 */
export class EnlargingConvolution extends tf.layers.Layer implements NamedLayer {
  static readonly className = 'GearnnEnlargingConvolution';
  readonly prefix: string;
  private readonly settings: EnlargingArgs;
  private weight!: LayerVariable;
  private bias!: LayerVariable;

  constructor(args: EnlargingArgs) {
    super({ name: args.prefix });
    this.prefix = args.prefix;
    this.settings = args;
  }

  override build(shape: tf.Shape): void {
    const { filters, seed } = this.settings;
    const inputs = shape[3]!;
    // torchvision: kaiming_normal_, fan_out, which PyTorch counts by the inputs of a transposed convolution.
    const stddev = Math.sqrt(2 / (FACTOR * FACTOR * inputs));
    const first = seed === null ? tf.initializers.zeros() : tf.initializers.randomNormal({ mean: 0, stddev, seed });
    this.weight = this.addWeight(`${this.prefix}.weight`, [FACTOR, FACTOR, filters, inputs], 'float32', first);
    this.bias = this.addWeight(`${this.prefix}.bias`, [filters], 'float32', tf.initializers.zeros());
    this.built = true;
  }

  override computeOutputShape([batch, height, width]: tf.Shape): tf.Shape {
    const scaled = (length: number | null): number | null => (length === null ? null : length * FACTOR);
    return [batch!, scaled(height!), scaled(width!), this.settings.filters];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor4D;
      // Each pixel's 2 x 2 are channels of a product with it: as fast, and no size is in the graph.
      const turned = tf.transpose(this.weight.read(), [3, 0, 1, 2]);
      const cells = FACTOR * FACTOR;
      const filter = tf.reshape(turned, [1, 1, x.shape[3], cells * this.settings.filters]) as tf.Tensor4D;
      const y = tf.add(tf.conv2d(x, filter, 1, 'valid'), tf.tile(this.bias.read(), [cells]));
      return tf.depthToSpace(y as tf.Tensor4D, FACTOR);
    });
  }

  named(): NamedWeight[] {
    return [
      { name: `${this.prefix}.weight`, role: 'weight', layout: 'conv', variable: this.weight },
      { name: `${this.prefix}.bias`, role: 'bias', layout: 'plain', variable: this.bias },
    ];
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.settings };
  }
}

tf.serialization.registerClass(EnlargingConvolution as never);
