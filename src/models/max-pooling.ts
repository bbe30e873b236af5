import tf from '../common/tf.cjs';
import { maxPool, type Window } from '../ops/index.js';

/** Max pooling with the same padding on both sides, as PyTorch pads. */
export class MaxPooling extends tf.layers.Layer {
  static readonly className = 'GearnnMaxPooling';
  private readonly window: Window;

  constructor({ name, size, stride, padding }: Window & { name: string }) {
    super({ name });
    this.window = { size, stride, padding };
  }

  override computeOutputShape([batch, height, width, channels]: tf.Shape): tf.Shape {
    const { size, stride, padding } = this.window;
    const pooled = (length: number | null): number | null =>
      length === null ? null : Math.floor((length + 2 * padding - size) / stride) + 1;
    return [batch!, pooled(height!), pooled(width!), channels!];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return maxPool((Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor4D, this.window);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.window };
  }
}

tf.serialization.registerClass(MaxPooling as never);
