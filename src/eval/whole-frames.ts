import tf from '../common/tf.cjs';
import { tidyValues } from '../engine/tidy-values.js';
import type { Network } from '../models/network.js';
import type { Task } from '../tasks/task.js';
import { fitFrames, type Frames } from './frames.js';
import { padFrames, resizeLogits, valuesOf, type FrameSize, type Predictor } from './predictor.js';

/** What puts out `{ logits }` for images `[1, height, width, 3]` in 0..255, and may change by what it sees; the caller disposes them. */
export type Outputs = (images: tf.Tensor4D) => tf.NamedTensorMap;

/** Such outputs, with what they hold. */
export interface ChangingOutputs {
  outputs: Outputs;
  dispose(): void;
}

/**
 * A predictor of something else than the network's own forward pass: each frame is answered whole, one after the other, padded and brought to
 * the size of the answer as any is.
 */
export function wholeFramePredictor<Answer>(
  network: Network,
  task: Task<unknown, Answer>,
  { outputs, dispose }: ChangingOutputs,
): Predictor<Answer> {
  const { stride } = network.input;
  const round = (side: number): number => Math.ceil(side / stride) * stride;
  const answer = ({ images, height, width }: Frames, size: FrameSize): Answer => {
    const [tall, wide] = [round(height), round(width)];
    const padded = padFrames({ images, batch: 1, height, width }, tall, wide);
    const isSame = !task.dense || (size.height === height && size.width === width);
    const answered = (): tf.NamedTensorMap => {
      const seen = outputs(tf.tensor4d(padded, [1, tall, wide, 3], 'int32'));
      if (isSame) return task.answer(seen);
      const { logits } = task.dense!;
      const cut = tf.slice(seen[logits]!, [0, 0, 0, 0], [1, height, width, network.spec.classes]) as tf.Tensor4D;
      return task.answer({ [logits]: resizeLogits(cut, size) });
    };
    const values = tidyValues(() => valuesOf(answered()));
    return (isSame ? task.decode(values, size, { height, width }) : task.decode(values, size))[0]!;
  };
  const predict = (given: Frames, size: FrameSize = given): Answer[] => {
    const { images, batch, height, width } = fitFrames(given, network.input);
    const area = height * width * 3;
    return Array.from({ length: batch }, (_, i) =>
      answer({ images: images.subarray(i * area, (i + 1) * area), batch: 1, height, width }, size),
    );
  };
  return {
    task,
    predict,
    *predictInRuns(frames, size) {
      return predict(frames, size);
    },
    dispose,
  };
}
