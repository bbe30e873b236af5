import tf from '../../common/tf.cjs';
import { compile } from '../../engine/compile.js';
import type { Precision } from '../../engine/precision.js';
import type { ChangingOutputs, Outputs } from '../../eval/whole-frames.js';
import type { Network } from '../../models/network.js';

export interface RecentStatisticsSettings {
  /** Frames whose statistics count, the one that is answered among them; from 1 on. */
  window: number;
  /** As many frames as the running statistics of training count for; 0 leaves them out. */
  prior: number;
}

/**
 * Answers each frame by normalizing with the statistics of the last frames, which go through the network as one batch with it. As long as
 * there are fewer than `window`, those there are repeat. A frame of another size begins anew.
 *
 * @source Schneider et al., Improving robustness against common corruptions by covariate shift adaptation (NeurIPS 2020)
 */
export function recentStatistics(
  network: Network,
  { window, prior }: RecentStatisticsSettings,
  precision?: Precision,
): ChangingOutputs {
  const statistics = { batch: window / (window + prior) };
  const run = compile(
    (batch: tf.Tensor4D) =>
      tf.tidy(() => {
        const { logits } = network.forward(batch, () => statistics) as { logits: tf.Tensor };
        // The frame that is answered goes last.
        return tf.slice(logits, window - 1, 1);
      }),
    undefined,
    { precision, makesVariables: false },
  );
  let frames: tf.Tensor4D[] = [];
  const outputs: Outputs = (images) => {
    if (frames[0] && frames[0].shape.join() !== images.shape.join()) forget();
    frames.push(tf.keep(tf.clone(images)));
    if (frames.length > window) frames.shift()!.dispose();
    const logits = tf.tidy(() => {
      const last = frames.length - 1;
      const batch = Array.from({ length: window }, (_, i) => frames[last - ((window - 1 - i) % frames.length)]!);
      return run(tf.concat(batch, 0));
    });
    return { logits };
  };
  const forget = (): void => {
    tf.dispose(frames);
    frames = [];
  };
  return {
    outputs,
    dispose() {
      forget();
      run.dispose();
    },
  };
}
