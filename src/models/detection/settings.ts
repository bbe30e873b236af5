import type { DetectionSize } from '../../detect/transform.js';

/** What a member of the family is made of, and how its parts hand on to each other. */
export interface DetectorSettings {
  /** Channels of the pyramid and of the mask head. */
  channels: number;
  /** Width of the box head's hidden layers. */
  hidden: number;
  /** The most anchors of a level that go into the suppression of proposals, and the most proposals of an image that come out. */
  proposals: { training: ProposalCounts; inference: ProposalCounts };
  /** Regions of an image that teach the heads. */
  regions: number;
  /** Anchors of an image that teach the proposals. */
  anchors: number;
  /** How images are sized where nothing else is said. */
  size: DetectionSize;
}

export interface ProposalCounts {
  before: number;
  after: number;
}

/** @source torchvision, models/detection/faster_rcnn.py */
export const TORCHVISION_SETTINGS: DetectorSettings = {
  channels: 256,
  hidden: 1024,
  proposals: { training: { before: 2000, after: 2000 }, inference: { before: 1000, after: 1000 } },
  regions: 512,
  anchors: 256,
  size: { shortest: 800, longest: 1333 },
};

/** For two cores: a quarter of the channels, and pictures of 320 pixels. */
export const SMALL_SETTINGS: DetectorSettings = {
  channels: 64,
  hidden: 256,
  proposals: { training: { before: 1000, after: 500 }, inference: { before: 1000, after: 300 } },
  regions: 64,
  anchors: 256,
  size: { shortest: 320, longest: 480 },
};

/** Sides of the square anchors of each level. */
export const ANCHOR_SIDES = [32, 64, 128, 256, 512];

/** Overlap above which the worse of two proposals goes; the least side that one has, in pixels. */
export const PROPOSAL_NMS = { threshold: 0.7, leastSide: 1e-3 };

/** What is answered: how sure at least, how large at least, overlap above which the worse of two goes, how many at most. */
export const DETECTION_LIMITS = { leastScore: 0.05, leastSide: 1e-2, threshold: 0.5, most: 100 };
