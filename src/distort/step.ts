/** How strong a step is: a number for most kinds; a text such as `512x256` where one number does not say it. */
export type StepValue = number | string;

/** One distortion with its strength: `jpeg=30`, `h264=24`, `h264=24-gop12`. */
export interface Step {
  kind: string;
  value: StepValue;
  /** Whole sequences are coded, with at most so many frames from one key frame to the next; absent where each picture stands alone. */
  gop?: number;
}
