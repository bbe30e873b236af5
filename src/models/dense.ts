import tf from '../common/tf.cjs';
import type { LayerVariable } from '@tensorflow/tfjs-layers/dist/variables.js';
import type { NamedLayer, NamedWeight } from './layers.js';

export interface DenseArgs {
  /** The reference's name: `fc`. */
  prefix: string;
  units: number;
  /** Seed of the initial weights; null leaves them at 0, for weights that are loaded next. */
  seed: number | null;
}

/** PyTorch's Linear: `[batch, in]` to `[batch, units]`, with a bias. Its weight is `[in, units]` here, `[units, in]` in the reference. */
export class Dense extends tf.layers.Layer implements NamedLayer {
  static readonly className = 'GearnnDense';
  readonly prefix: string;
  private readonly settings: DenseArgs;
  private weight!: LayerVariable;
  private bias!: LayerVariable;

  constructor(args: DenseArgs) {
    super({ name: args.prefix });
    this.prefix = args.prefix;
    this.settings = args;
  }

  override build(shape: tf.Shape): void {
    const { units, seed } = this.settings;
    const inputs = shape[1]!;
    // PyTorch: both uniform within 1 / sqrt(inputs).
    const bound = 1 / Math.sqrt(inputs);
    const uniform = (drawn: number): ReturnType<typeof tf.initializers.zeros> =>
      tf.initializers.randomUniform({ minval: -bound, maxval: bound, seed: drawn });
    const [forWeight, forBias] =
      seed === null ? [tf.initializers.zeros(), tf.initializers.zeros()] : [uniform(seed), uniform(seed + 1)];
    this.weight = this.addWeight(`${this.prefix}.weight`, [inputs, units], 'float32', forWeight);
    this.bias = this.addWeight(`${this.prefix}.bias`, [units], 'float32', forBias);
    this.built = true;
  }

  override computeOutputShape([batch]: tf.Shape): tf.Shape {
    return [batch!, this.settings.units];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor2D;
      return tf.add(tf.matMul(x, this.weight.read() as tf.Tensor2D), this.bias.read());
    });
  }

  named(): NamedWeight[] {
    return [
      { name: `${this.prefix}.weight`, role: 'weight', layout: 'dense', variable: this.weight },
      { name: `${this.prefix}.bias`, role: 'bias', layout: 'plain', variable: this.bias },
    ];
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.settings };
  }
}

tf.serialization.registerClass(Dense as never);
