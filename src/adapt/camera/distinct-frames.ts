import type { Picture } from '../../video/picture.js';
import { resizePixels } from '../../image/resize.js';

/** Side of the small grey pictures that frames are compared by. */
const SIDE = 24;

/** Mean difference of two of them, in steps of brightness (0..255), up to which frames show the same; noise comes to less than one. */
export const SAME = 2;

interface Kept<T> {
  frame: T;
  grey: Float32Array;
}

/**
 * Of frames that come one after the other, those that differ most from each other: at most so many, and no two that show the same. Once it is
 * full, a frame that is farther from all of them than the two nearest are from each other takes the place of one of these.
 *
 * @source the greedy rule for streams of max-min diversification (Drosou and Pitoura 2012)
 */
export class DistinctFrames<T> {
  private readonly all: Kept<T>[] = [];
  /** Differences of each two that are kept. */
  private readonly apart: number[][] = [];

  /** @param most frames that are kept, from 1 on */
  constructor(private readonly most: number) {}

  /** In the order in which they came. */
  get frames(): T[] {
    return this.all.map(({ frame }) => frame);
  }

  /**
   * @param picture of the frame
   * @returns whether it is kept, and which one goes for it
   */
  offer(frame: T, picture: Picture): { kept: boolean; dropped?: T } {
    const grey = greyOf(picture);
    const differences = this.all.map((other) => differenceOf(grey, other.grey));
    const nearest = Math.min(Infinity, ...differences);
    if (nearest <= SAME) return { kept: false };
    if (this.all.length < this.most) {
      this.add({ frame, grey }, differences);
      return { kept: true };
    }
    const pair = this.nearestPair();
    if (!pair || nearest <= pair.difference) return { kept: false };
    const dropped = this.remove(pair.later);
    differences.splice(pair.later, 1);
    this.add({ frame, grey }, differences);
    return { kept: true, dropped };
  }

  private add(one: Kept<T>, differences: number[]): void {
    differences.forEach((difference, i) => this.apart[i]!.push(difference));
    this.apart.push([...differences, 0]);
    this.all.push(one);
  }

  private remove(place: number): T {
    this.apart.splice(place, 1);
    for (const row of this.apart) row.splice(place, 1);
    return this.all.splice(place, 1)[0]!.frame;
  }

  private nearestPair(): { later: number; difference: number } | undefined {
    let found: { later: number; difference: number } | undefined;
    this.apart.forEach((row, later) => {
      for (let earlier = 0; earlier < later; earlier++)
        if (!found || row[earlier]! < found.difference) found = { later, difference: row[earlier]! };
    });
    return found;
  }
}

/** A small grey picture, less its mean: how bright a camera takes a scene does not make another scene of it. */
function greyOf(picture: Picture): Float32Array {
  const { data } = resizePixels(picture, { width: SIDE, height: SIDE });
  const grey = Float32Array.from({ length: SIDE * SIDE }, (_, i) => (data[3 * i]! + data[3 * i + 1]! + data[3 * i + 2]!) / 3); // prettier-ignore
  const mean = grey.reduce((sum, value) => sum + value, 0) / grey.length;
  return grey.map((value) => value - mean);
}

function differenceOf(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! - b[i]!);
  return sum / a.length;
}
