import type { Random } from '../common/random.js';
import { encodeBoxes, HEAD_WEIGHTS, PROPOSAL_WEIGHTS, type CoderWeights } from './box-coder.js';
import { boxIou, takeBoxes, type Boxes } from './boxes.js';
import { BACKGROUND, matchBoxes, type MatchOptions } from './matcher.js';
import { sampleBoxes, type SampleOptions } from './sampler.js';

/** The objects of an image that a detector learns. */
export interface Taught {
  boxes: Boxes;
  /** Of each, from 1. */
  classes: ArrayLike<number>;
}

/** Boxes that teach, those that stand for objects first. */
export interface BoxesThatTeach {
  /** Index of each among those that were drawn from. */
  indices: number[];
  /** Index of the object that it stands for; {@link BACKGROUND} for none. */
  objects: number[];
  /** Codes of the objects' boxes for these, `[n, 4]`; 0 where there is none. */
  codes: Float32Array;
}

const OF_ANCHORS: MatchOptions = { high: 0.7, low: 0.3, lowQuality: true };
const OF_REGIONS: MatchOptions = { high: 0.5, low: 0.5 };

/**
 * Anchors that teach a region proposal network: up to half of them like objects, the others like none.
 *
 * @source torchvision, models/detection/rpn.py: assign_targets_to_anchors and its sampler
 */
export function anchorsThatTeach(anchors: Boxes, objects: Boxes, count: number, random: Random): BoxesThatTeach {
  return drawn(anchors, objects, { match: OF_ANCHORS, weights: PROPOSAL_WEIGHTS, count, positive: 0.5 }, random);
}

/**
 * Regions that teach the heads behind it: up to a quarter of them like objects, the others like none.
 *
 * @param regions proposals; the objects' own boxes are added behind them
 * @returns with the boxes that indices mean
 * @source torchvision, models/detection/roi_heads.py: select_training_samples
 */
export function regionsThatTeach(
  regions: Boxes,
  objects: Boxes,
  count: number,
  random: Random,
): BoxesThatTeach & { boxes: Boxes } {
  const all = new Float32Array(regions.length + objects.length);
  all.set(regions);
  all.set(objects, regions.length);
  const options = { match: OF_REGIONS, weights: HEAD_WEIGHTS, count, positive: 0.25 };
  return { ...drawn(all, objects, options, random), boxes: all };
}

function drawn(
  boxes: Boxes,
  objects: Boxes,
  { match, weights, ...sample }: SampleOptions & { match: MatchOptions; weights: CoderWeights },
  random: Random,
): BoxesThatTeach {
  const [count, total] = [objects.length / 4, boxes.length / 4];
  const matches = matchBoxes(boxIou(objects, boxes), count, total, match);
  // 1 for an object, 0 for background, below 0 for what lies between.
  const labels = matches.map((own) => (own >= 0 ? 1 : own - BACKGROUND));
  const { positive, negative } = sampleBoxes(labels, sample, random);
  const codes = new Float32Array(4 * (positive.length + negative.length));
  const own = positive.map((i) => matches[i]!);
  codes.set(encodeBoxes(takeBoxes(objects, own), takeBoxes(boxes, positive), weights));
  return { indices: [...positive, ...negative], objects: [...own, ...negative.map(() => BACKGROUND)], codes };
}
