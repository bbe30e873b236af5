import type { CalibrationRow } from '../adaptor/calibration.js';
import type { Progress } from '../common/progress.js';
import type { Slice } from '../data/slice.js';
import type { Precision } from '../engine/precision.js';

export interface CalibrateOptions {
  /** Folder of the base. */
  checkpoint: string;
  /** Folder of its adaptors. */
  adaptors: string;
  /** Frames that none of them was trained on. */
  data: string;
  /** Default: `val`. */
  samples?: Slice;
  /** Levels to measure. Default: every adaptor's. */
  levels?: readonly string[];
  /** Of each level's own adaptor, over 0 to 1; neighbours are left out then. Default: {@link SHARES}, and neighbours as a whole. */
  shares?: readonly number[];
  /** Compare with labels, or with the base's own answers on clean frames. Default: `labels` where the data have any. */
  objective?: 'labels' | 'teacher';
  /** Neighbouring frames that intervals draw together. Default: {@link CALIBRATE}. */
  block?: number;
  precision?: Precision;
  workers?: number;
  progress?: Progress;
  signal?: AbortSignal;
  warn?: (message: string) => void;
  /** Called with every level's result as it is ready. */
  onRow?: (row: CalibrationRow) => void;
}

export interface CalibrateOutcome {
  /** The file that was written. */
  path: string;
  /** Heading of the score. */
  heading: string;
  rows: CalibrationRow[];
}

export const CALIBRATE = { split: 'val', block: 10, resamples: 4000 };

/** Shares of what training changed that are compared. */
export const SHARES: readonly number[] = [1, 0.75, 0.5, 0.25];
