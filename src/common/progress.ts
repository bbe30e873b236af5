/** How far a long call is; the library reports through this, and only the CLI prints. */
export interface ProgressEvent {
  /** What is being done: `distort jpeg=10`, `epoch 2/4`. */
  task: string;
  /** Units done, of `total`, which is Infinity where nobody knows it. */
  done: number;
  total: number;
  /** What one unit is: `images`, `steps`, `bytes`. */
  unit: string;
  /** Figures to show beside the bar: loss, learning rate, images/s. */
  values?: Record<string, number | string>;
}

export type Progress = (event: ProgressEvent) => void;
