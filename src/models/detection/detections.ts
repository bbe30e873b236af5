import tf from '../../common/tf.cjs';
import { HEAD_WEIGHTS } from '../../detect/box-coder.js';
import { nms } from '../../ops/index.js';
import { clip, decode, isLarge } from './box-codes.js';
import type { Proposals } from './proposals.js';
import { DETECTION_LIMITS } from './settings.js';

/** What the box head says of the places of a batch. */
export interface RegionOutputs {
  /** `[batch * places, classes]`; class 0 is background. */
  logits: tf.Tensor2D;
  /** Codes of a box for each class, `[batch * places, 4 classes]`. */
  deltas: tf.Tensor2D;
}

/** Things found, as many places for each image; the last ones are free where fewer are found. */
export interface DetectionTensors {
  /** `[batch, places, 4]` in pixels of the batch, the surest first. */
  boxes: tf.Tensor3D;
  /** `[batch, places]`, 0..1; 0 where a place is free. */
  scores: tf.Tensor2D;
  /** `[batch, places]` int32, from 1; -1 where a place is free. */
  labels: tf.Tensor2D;
}

/**
 * What is in the images: of each class the regions that are sure and large enough, without those that overlap a surer one.
 *
 * @param sizes of the images within the batch's padded size, `[batch, 2]`: height, width
 * @source torchvision, models/detection/roi_heads.py: postprocess_detections
 */
export function detectionsOf(
  { logits, deltas }: RegionOutputs,
  { boxes: regions, isFilled }: Proposals,
  sizes: tf.Tensor2D,
): DetectionTensors {
  return tf.tidy(() => {
    const [batch, places] = isFilled.shape;
    const classes = logits.shape[1];
    const scores = tf.reshape(tf.softmax(logits), [batch, places, classes]);
    const codes = tf.reshape(deltas, [batch, places, classes, 4]);
    const images = Array.from({ length: batch }, (_, image) => {
      const own = <T extends tf.Tensor>(x: tf.Tensor): T => tf.squeeze(tf.slice(x, [image], [1]), [0]);
      const size = own<tf.Tensor1D>(sizes);
      const filled = own<tf.Tensor1D>(isFilled);
      const found = Array.from({ length: classes - 1 }, (_unused, i) => {
        const of = <T extends tf.Tensor>(x: tf.Tensor): T => tf.squeeze(tf.slice(own(x), [0, i + 1], [-1, 1]), [1]);
        const boxes = clip(decode(of(codes), own(regions), HEAD_WEIGHTS), size) as tf.Tensor2D;
        return bestOfClass(boxes, tf.mul(of<tf.Tensor1D>(scores), filled), i + 1);
      });
      return best(found);
    });
    const stacked = <K extends keyof Found>(key: K) => tf.stack(images.map((image) => image[key]));
    return {
      boxes: stacked('boxes') as tf.Tensor3D,
      scores: stacked('scores') as tf.Tensor2D,
      labels: stacked('labels') as tf.Tensor2D,
    };
  });
}

/** Boxes of an image; in places that are free scores are 0 and labels -1. */
interface Found {
  boxes: tf.Tensor2D;
  scores: tf.Tensor1D;
  labels: tf.Tensor1D;
}

function bestOfClass(boxes: tf.Tensor2D, scores: tf.Tensor1D, label: number): Found {
  const { leastScore, leastSide, threshold, most } = DETECTION_LIMITS;
  const judged = tf.where(isLarge(boxes, leastSide), scores, 0) as tf.Tensor1D;
  const { indices, isFilled } = nms(boxes, judged, { most, threshold, leastScore });
  return {
    boxes: tf.gather(boxes, indices),
    scores: tf.mul(tf.gather(judged, indices), isFilled),
    labels: tf.cast(tf.sub(tf.mul(isFilled, label + 1), 1), 'int32'),
  };
}

/** The surest of all classes. */
function best(found: Found[]): Found {
  if (found.length === 1) return found[0]!;
  const { values, indices } = tf.topk(tf.concat(found.map(({ scores }) => scores)), DETECTION_LIMITS.most); // prettier-ignore
  return {
    boxes: tf.gather(tf.concat(found.map(({ boxes }) => boxes)), indices), // prettier-ignore
    scores: values as tf.Tensor1D,
    labels: tf.gather(tf.concat(found.map(({ labels }) => labels)), indices), // prettier-ignore
  };
}
