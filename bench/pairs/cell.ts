import type { Precision } from '../../src/engine/precision.js';

/** What is timed: a forward pass, or a whole training step. */
export type What = 'infer' | 'train';

/** The case of one line. */
export interface Cell {
  what: What;
  /** A name of {@link NETWORKS}. */
  network: string;
  /** Pictures at once. */
  batch: number;
  threads: number;
  precision: Precision;
}

/** A network that is compared; bench/peers/compared.py builds the same. */
interface Compared {
  /** Height and width of its pictures. */
  size: [height: number, width: number];
  /** gearnn's own network of that kind, which a training step is timed on. */
  own?: { name: string; classes: number };
  /** Whether PyTorch has it. */
  pytorch: boolean;
}

export const NETWORKS: Readonly<Record<string, Compared>> = {
  'drn-d-22': { size: [256, 512], own: { name: 'drn-d-22', classes: 19 }, pytorch: true },
  'resnet-50': { size: [224, 224], own: { name: 'resnet-50', classes: 1000 }, pytorch: true },
  unet: { size: [256, 256], pytorch: true },
  'mobilenet-v3': { size: [224, 224], pytorch: true },
  'ppocr-det': { size: [320, 480], pytorch: false },
  'vit-tiny': { size: [224, 224], pytorch: true },
};

/** Of one program in one case. */
export interface Timed {
  version: string;
  /** The setting that was the fastest, of programs that have several. */
  setting: string;
  /** Median of a pass. */
  seconds: number;
  /** Seconds from its start to its first answer. */
  first: number;
  /** MB of the process behind the last pass, and the most it ever had; null where there is no Linux to ask. */
  resident: number | null;
  peak: number | null;
  /** From onnxruntime's answer, as a part of its largest value; null of a training step. */
  difference: number | null;
}

/** One case, by programs; `failed` says why one gave no answer. */
export interface PairRow extends Cell {
  programs: Record<string, Timed | { failed: string }>;
  /** Programs that wanted a processor, on the average of the last minute. */
  load: number;
}
