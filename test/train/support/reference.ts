import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StateDict } from '../../../src/models/state-dict.js';
import { ROOT } from '../../support/sources.js';

type WrittenState = Record<string, { shape: number[]; data: number[] }>;

/** What PyTorch 2.11 makes of the tiny network: scripts/fixtures/sgd_steps.py. */
export const REFERENCE = JSON.parse(readFileSync(join(ROOT, 'test/fixtures/train/sgd.json'), 'utf8')) as {
  settings: { rate: number; momentum: number; weightDecay: number; ignore: number };
  /** Per step: `[2, 6, 8, 3]` in 0..255, and `[2, 6, 8]`. */
  images: number[][];
  labels: number[][];
  before: WrittenState;
  runs: Record<string, { trainable: string[]; losses: number[]; after: WrittenState }>;
  /** With its running statistics after torch.optim.swa_utils.update_bn on all images. */
  precise: WrittenState;
  schedules: Record<string, number[]>;
};

export function stateOf(written: WrittenState): StateDict {
  return new Map(
    Object.entries(written).map(([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }]),
  );
}
