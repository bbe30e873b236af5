import tf from '../../common/tf.cjs';
import type { HeadName } from '../../detect/heads/names.js';
import { jaccardDistance } from '../foreground/jaccard.js';

/** Smallest probability that is told from 0, and smallest side of a box in pixels. */
const [LEAST, LEAST_SIDE] = [1e-6, 1];

/** What the output of a head that lists boxes says of each place: `[batch, places, ...]`. */
interface Places {
  /** Of its box, in units in which errors weigh alike. */
  box: tf.Tensor3D;
  /** 0..1 each. */
  probabilities: tf.Tensor3D;
  /** How sure it is that there is something, `[batch, places]`. */
  score: tf.Tensor2D;
}

/** How each kind of these says it; boxes of YOLOv8 in terms of the sides that the right answer has. */
const PLACES: Readonly<Record<Exclude<HeadName, 'db'>, (output: tf.Tensor, answer: tf.Tensor) => Places>> = {
  yolov8(output, answer) {
    const [own, right] = [output, answer].map((one) => tf.transpose(one, [0, 2, 1]));
    const sides = tf.maximum(columns(right!, 2, 4), LEAST_SIDE);
    const probabilities = columns(own!, 4);
    const box = tf.div<tf.Tensor3D>(columns(own!, 0, 4), tf.tile(sides, [1, 1, 2]));
    return { box, probabilities, score: tf.max(probabilities, -1) };
  },
  yolox(output) {
    const [present, probabilities] = [columns(output, 4, 5), columns(output, 4)];
    const score = tf.mul<tf.Tensor2D>(tf.squeeze(present, [-1]), tf.max(columns(output, 5), -1));
    return { box: columns(output, 0, 4), probabilities, score };
  },
};

/**
 * How far a detector's output is from the answer that is right. Of one that lists boxes: the Kullback-Leibler divergence of its probabilities, and
 * the squared distance of its boxes where the right answer is sure of something, both in terms of how much it is sure of. Of one that gives a
 * probability for each pixel: the mean divergence and the Jaccard distance, as foreground has them.
 *
 * @param answer that is right, in the shape that the head has, with any batch
 * @returns scalar, 0 where both are the same, differentiable in `output`
 */
export function headDistance(kind: HeadName, answer: tf.Tensor, output: tf.Tensor): tf.Scalar {
  return tf.tidy(() => (kind === 'db' ? mapDistance(answer, output) : placesDistance(kind, answer, output)));
}

function mapDistance(answer: tf.Tensor, output: tf.Tensor): tf.Scalar {
  return tf.add(tf.mean(divergence(clipped(answer), clipped(output))), jaccardDistance(answer, output));
}

function placesDistance(kind: keyof typeof PLACES, answer: tf.Tensor, output: tf.Tensor): tf.Scalar {
  const [right, own] = [PLACES[kind](answer, answer), PLACES[kind](output, answer)];
  const apart = tf.mul(tf.sum(tf.squaredDifference(own.box, right.box), -1), right.score);
  const unlike = divergence(clipped(right.probabilities), clipped(own.probabilities));
  return tf.div(tf.add(tf.sum(unlike), tf.sum(apart)), tf.maximum(tf.sum(right.score), 1));
}

/** Kullback-Leibler divergence of `q` from `p` at each place. */
function divergence(p: tf.Tensor, q: tf.Tensor): tf.Tensor {
  return tf.add(tf.mul(p, tf.log(tf.div(p, q))), tf.mul(tf.sub(1, p), tf.log(tf.div(tf.sub(1, p), tf.sub(1, q)))));
}

function columns(output: tf.Tensor, from: number, to = output.shape[2]!): tf.Tensor3D {
  return tf.slice(output, [0, 0, from], [-1, -1, to - from]) as tf.Tensor3D;
}

function clipped(probabilities: tf.Tensor): tf.Tensor {
  return tf.clipByValue(probabilities, LEAST, 1 - LEAST);
}
