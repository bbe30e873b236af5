import tf from '../../common/tf.cjs';
import { compile } from '../../engine/compile.js';
import type { Precision } from '../../engine/precision.js';
import type { ChangingOutputs } from '../../eval/whole-frames.js';
import type { Network } from '../../models/network.js';
import { optimizerOf, type OptimizerName } from '../../train/optimizers.js';
import { meanEntropy } from './entropy.js';

export interface TentSettings {
  optimizer: OptimizerName;
  /** Of every step. */
  learningRate: number;
  /** Share of the last update that is kept. */
  momentum: number;
}

/**
 * Answers each frame by normalizing with its own statistics, and then makes one step of scales and shifts that makes such answers surer: down
 * their entropy. The answer is that of before the step; it goes on from frame to frame and never back.
 *
 * @source Wang et al., Tent: Fully Test-Time Adaptation by Entropy Minimization (ICLR 2021), Algorithm 1, online
 */
export function tent(
  network: Network,
  { learningRate, ...settings }: TentSettings,
  precision?: Precision,
): ChangingOutputs {
  const learned = network.parameters.filter(({ role }) => role === 'scale' || role === 'shift');
  const optimizer = optimizerOf(learned, { ...settings, weightDecay: 0 });
  const step = compile(
    (rate: tf.Scalar, images: tf.Tensor4D) => {
      let answered: tf.Tensor | undefined;
      const entropy = (): tf.Scalar => {
        const { logits } = network.forward(images, () => 'batch') as { logits: tf.Tensor };
        answered = tf.keep(tf.clone(logits));
        return meanEntropy(logits);
      };
      const { grads } = tf.variableGrads(entropy, [...optimizer.variables]);
      optimizer.apply(grads, rate);
      const logits = tf.clone(answered!);
      answered!.dispose();
      return { logits };
    },
    undefined,
    { precision, makesVariables: false },
  );
  return {
    outputs: (images) => step(tf.scalar(learningRate), images),
    dispose() {
      step.dispose();
      optimizer.dispose();
    },
  };
}
