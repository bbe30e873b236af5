import type { Size } from '../../image/resize.js';
import type { ScoredBoxes } from '../scored-boxes.js';

/** An output of a network for one picture. */
export interface HeadOutput {
  /** `[1, ...]` */
  shape: readonly number[];
  data: ArrayLike<number>;
}

/** How boxes are read from an output that a kind of detector puts out. */
export interface Head {
  /** Shape of the output, for help: `[1, 4 + classes, boxes]`. */
  readonly shape: string;
  /** Names of its classes, where it has the same ones always. */
  readonly classes?: readonly string[];
  /** Score from which on a box counts, where nobody states one. */
  readonly score: number;
  /** Overlap with a better box of its class above which a box goes, where nobody states one. */
  readonly overlap: number;
  /** Whether the outputs say nothing of coordinates unless the size of the network's input is known. */
  readonly needsSize: boolean;
  /** Classes that an output of such a shape tells apart; undefined where it is none of this kind. */
  classesIn(shape: readonly number[]): number | undefined;
  /**
   * Boxes whose score is at least `least`, before any of them goes for a better one.
   *
   * @param size of the network's input
   * @returns corners in pixels of the network's input
   */
  read(output: HeadOutput, least: number, size: Size | undefined): ScoredBoxes;
}
