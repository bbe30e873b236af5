import type { Size } from '../../image/resize.js';
import { takeScoredBoxes, type ScoredBoxes } from '../scored-boxes.js';
import { nms } from '../nms.js';
import type { HeadOutput } from './head.js';
import type { HeadName } from './names.js';
import { HEADS } from './registry.js';

/** What a checkpoint says of the boxes that its network finds. */
export interface HeadConfig {
  kind: HeadName;
  /** Name of the output that they are read from. */
  output: string;
  /** Least score of a box, 0..1. */
  score: number;
  /** Of two boxes of one class that overlap by more than this the worse one goes, 0..1. */
  overlap: number;
}

/** A head of a network whose input may have one size. */
export interface NetworkHead extends HeadConfig {
  size?: Size;
}

/** Boxes in a picture at most. */
const MOST = 300;

/**
 * The boxes of one picture: those that are sure enough, without those that overlap a better one of their class.
 *
 * @param outputs of the network by name, `[1, ...]` each
 * @returns at most 300, in pixels of the network's input
 */
export function decodeHead(
  { kind, output, score, overlap, size }: NetworkHead,
  outputs: Readonly<Record<string, HeadOutput>>,
): ScoredBoxes {
  const found = HEADS[kind].read(outputs[output]!, score, size);
  const { boxes, scores, classes } = found;
  return takeScoredBoxes(found, nms(boxes, scores, { threshold: overlap, classes, most: MOST }));
}
