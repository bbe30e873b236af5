import tf from '../../common/tf.cjs';
import { PROPOSAL_WEIGHTS } from '../../detect/box-coder.js';
import { nms } from '../../ops/index.js';
import { clip, decode, isLarge } from './box-codes.js';
import { PROPOSAL_NMS, type ProposalCounts } from './settings.js';

/** The score of a place that no proposal fills, where others have 0..1. */
const FREE = -1;

/** What the region proposal network says of all anchors of a batch. */
export interface AnchorOutputs {
  /** Logits `[batch, anchors]`. */
  objectness: tf.Tensor2D;
  /** Codes of boxes `[batch, anchors, 4]`. */
  deltas: tf.Tensor3D;
}

/** Where the anchors are. */
export interface Anchors {
  /** `[anchors, 4]`, level by level. */
  boxes: tf.Tensor2D;
  /** How many each level has. */
  counts: readonly number[];
}

/** Regions of a batch that may hold something, as many places for each image; the last ones are free where fewer are found. */
export interface Proposals {
  /** `[batch, places, 4]`, the best first. */
  boxes: tf.Tensor3D;
  /** `[batch, places]`: 1 or 0. */
  isFilled: tf.Tensor2D;
}

/**
 * The best regions: of each level the anchors that score best, moved, without those that overlap a better one; then the best of all levels.
 *
 * @param sizes of the images within the batch's padded size, `[batch, 2]`: height, width
 * @source torchvision, models/detection/rpn.py: filter_proposals; `after` places stand for its varying count
 */
export function propose(
  { objectness, deltas }: AnchorOutputs,
  anchors: Anchors,
  sizes: tf.Tensor2D,
  counts: ProposalCounts,
): Proposals {
  return tf.tidy(() => {
    const places = Math.min(counts.after, anchors.counts.reduce((sum, count) => sum + Math.min(count, counts.before), 0)); // prettier-ignore
    const images = tf.unstack(objectness).map((logits, image) => {
      const size = tf.squeeze<tf.Tensor1D>(tf.slice(sizes, [image, 0], [1, 2]), [0]);
      const codes = tf.squeeze<tf.Tensor2D>(tf.slice(deltas, [image, 0, 0], [1, -1, 4]), [0]);
      let begin = 0;
      const levels = anchors.counts.map((count) => {
        const level = bestOfLevel(logits as tf.Tensor1D, codes, anchors.boxes, { begin, count, size, counts });
        begin += count;
        return level;
      });
      const boxes = tf.concat(levels.map((level) => level.boxes)); // prettier-ignore
      const scores = tf.concat(levels.map((level) => level.scores)) as tf.Tensor1D; // prettier-ignore
      const { values, indices } = tf.topk(scores, places);
      return { boxes: tf.gather(boxes, indices), isFilled: tf.cast(tf.greaterEqual(values, 0), 'float32') };
    });
    return {
      boxes: tf.stack(images.map(({ boxes }) => boxes)) as tf.Tensor3D,
      isFilled: tf.stack(images.map(({ isFilled }) => isFilled)) as tf.Tensor2D,
    };
  });
}

interface Level {
  /** Its first anchor and how many there are. */
  begin: number;
  count: number;
  size: tf.Tensor1D;
  counts: ProposalCounts;
}

/** Boxes of one level that stay, and their scores. */
function bestOfLevel(
  logits: tf.Tensor1D,
  codes: tf.Tensor2D,
  anchors: tf.Tensor2D,
  { begin, count, size, counts }: Level,
): { boxes: tf.Tensor2D; scores: tf.Tensor1D } {
  const most = Math.min(counts.before, count);
  const { values, indices } = tf.topk(tf.slice(logits, [begin], [count]), most);
  const places = tf.add(indices, tf.scalar(begin, 'int32')) as tf.Tensor1D;
  const boxes = clip(decode(tf.gather(codes, places), tf.gather(anchors, places), PROPOSAL_WEIGHTS), size) as tf.Tensor2D; // prettier-ignore
  const isKept = isLarge(boxes, PROPOSAL_NMS.leastSide);
  const scores = tf.where(isKept, tf.sigmoid(values), FREE) as tf.Tensor1D;
  const kept = nms(boxes, scores, { most, threshold: PROPOSAL_NMS.threshold, leastScore: FREE / 2 });
  const best = tf.where(tf.cast(kept.isFilled, 'bool'), tf.gather(scores, kept.indices), FREE) as tf.Tensor1D;
  return { boxes: tf.gather(boxes, kept.indices), scores: best };
}
