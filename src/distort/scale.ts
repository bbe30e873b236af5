import type { Size } from '../image/resize.js';
import type { StepValue } from './step.js';

/**
 * Where the values of a kind of distortion lie, so that distances between them can be compared: a point per value, and the
 * distance of two is the sum of the differences of their coordinates. A new kind that can be detected is a line of
 * `detect/scales.ts`; one that cannot brings its scale with it.
 */
export interface Scale {
  kind: string;
  /**
   * The point of a value, undefined where it has none. A distance of 1 does about the harm of JPEG 10, half the light, or
   * half the width and height.
   */
  point(value: StepValue, reference?: Size): number[] | undefined;
  /** The point of no distortion. */
  clean: number[];
  /** The point of two steps of the kind, one after the other. */
  both(first: number[], second: number[]): number[];
}
