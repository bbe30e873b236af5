import type { Huffman } from '../image/encode.js';
import type { Pixels } from '../image/pixels.js';
import type { Size } from '../image/resize.js';
import type { Scale } from './scale.js';
import type { StepValue } from './step.js';

/** What a kind says about the axis that charts place its values on, where the default does not do. */
export interface ValueAxis<Value extends StepValue> {
  /** Default: the kind. */
  label?: string;
  /** Default: `linear`. */
  scale?: 'linear' | 'log';
  /** Where a value lies. Default: a number where it is. */
  place?(value: Value): number | undefined;
  /** What the left and the right end stand for. Default: `stronger` and `weaker`. */
  ends?: readonly [string, string];
}

/**
 * One kind of distortion. A new one is a file with such an object and a line in `registry.ts`; the contract suite
 * (`test/distort/contract.test.ts`) then tests it.
 */
export interface Distortion<Value extends StepValue = StepValue> {
  /** The part of a level before the `=`: `jpeg`. */
  kind: string;
  /** What a value must be, for messages: `a JPEG quality from 1 to 100`. */
  expected: string;
  /** Values from the mildest to the strongest, for help, documentation and the contract suite. */
  examples: Value[];
  /** The value that a level writes, undefined if it is none; `String(value)` is its canonical writing and reads back as itself. */
  parse(text: string): Value | undefined;
  /** What to write instead of a text that `parse` refused, as a full sentence. */
  advice(text: string): string;
  /** Size of the picture that comes out; absent where it is always that of the picture that goes in. */
  sizeOf?(value: Value, size: Size): Size;
  /**
   * The image as distorted, of the same channels and, without `sizeOf`, the same size; `pixels` stays as it is.
   *
   * @param where the picture's name, for errors
   * @throws E_DISTORT_SIZE if the picture is too small for the value
   */
  apply(pixels: Pixels, value: Value, where?: string): Promise<Pixels>;
  /**
   * Consecutive frames of one size, coded together as one stream; absent where a kind treats each picture alone.
   *
   * @param gop most frames from one key frame to the next, from 2 on
   * @param where what they are of, for errors
   * @returns as many pictures in the same order, in size and channels as `apply` gives them
   * @throws E_DISTORT_SIZE as `apply`; E_DISTORT_SEQUENCE for frames of several sizes
   */
  applySequence?(frames: AsyncIterable<Pixels>, value: Value, gop: number, where?: string): AsyncIterable<Pixels>;
  /**
   * The file that the distortion itself consists of, where it is one: then a dataset at this level keeps it, and decoding it
   * gives what `apply` gives.
   */
  file?: {
    /** With its dot: `.jpg`. */
    extension: string;
    encode(pixels: Pixels, value: Value, huffman?: Huffman): Promise<Uint8Array>;
  };
  /**
   * Versions and settings of what it is made by, for the manifest of a copy, where that is more than the image codecs.
   *
   * @param gop of sequences; undefined for single pictures
   */
  codecs?(gop?: number): Promise<Record<string, string>>;
  /**
   * Where values lie, so that a stated level finds the nearest adaptor. A kind that frames tell has its own in `detect/scales.ts`;
   * without any, only the same value is near.
   */
  scale?: Omit<Scale, 'kind'>;
  /** How charts place values, where numbers on a linear axis do not do. */
  axis?: ValueAxis<Value>;
}
