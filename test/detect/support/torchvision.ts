import { readSource } from '../../support/sources.js';

/** What scripts/fixtures/detection.py wrote: inputs, and what torchvision 0.26 makes of them. */
export interface Reference {
  overlaps: { a: number[]; b: number[]; iou: (number | null)[] };
  suppression: {
    threshold: number;
    boxes: number[];
    scores: number[];
    classes: number[];
    alone: number[];
    kept: number[];
  }[];
  coder: {
    weights: [number, number, number, number];
    proposals: number[];
    truth: number[];
    encoded: number[];
    codes: number[];
    decoded: number[];
  }[];
  anchors: {
    image: [number, number];
    maps: [number, number][];
    sizes: number[];
    count: number;
    sum: number;
    picked: number[];
    values: number[];
  }[];
  matcher: { truth: number; low_quality: boolean; quality: number[]; matches: number[] }[];
  transform: {
    shortest: number;
    longest: number;
    height: number;
    width: number;
    size: [number, number];
    padded: [number, number];
    boxes: number[];
    scaled: number[];
    back: number[];
  }[];
  masks: {
    height: number;
    width: number;
    truth: string[];
    boxes: number[];
    matched: number[];
    targets: number[];
    soft: number[];
    pasted: number[];
    sums: number[];
  };
}

export const reference = JSON.parse(readSource('test/fixtures/detection/torchvision.json')) as Reference;
