import { RECALLS, TINY } from './average-precision.js';
import { THRESHOLDS } from './coco-match.js';
import { STATES, type Matches } from './matches.js';

/** Detections of one class in all images, from the surest on. */
interface ClassDetections {
  /** Image of each. */
  images: Int32Array;
  /** Its bits among objects of all sizes. */
  bits: Int32Array;
  /** Objects that count, per image. */
  positives: Float64Array;
}

/**
 * AP of images that are drawn with replacement, for bootstraps: detections are sorted once, and each draw goes through them with the number of times that
 * their images were drawn.
 *
 * @param images matches of each
 * @returns the AP of images by how often each was drawn: the same as of their matches one after the other; NaN where there is no object
 */
export function drawnPrecision(images: readonly Matches[]): (times: ArrayLike<number>) => number {
  const classes = byClass(images);
  const most = Math.max(0, ...classes.map((own) => own.bits.length));
  const [recall, precision] = [new Float64Array(most), new Float64Array(most)];

  const atThreshold = (
    { images: imageOf, bits }: ClassDetections,
    t: number,
    count: number,
    times: ArrayLike<number>,
  ): number => {
    const [finds, leftOut] = [1 << t, 1 << (t + THRESHOLDS.length)];
    let [right, wrong, found] = [0, 0, 0];
    for (let i = 0; i < bits.length; i++) {
      const weight = times[imageOf[i]!]!;
      if (weight === 0 || bits[i]! & leftOut) continue;
      if (bits[i]! & finds) {
        right += weight;
        // Precision is the best at a recall where an object is found, and only there recall grows.
        recall[found] = right / count;
        precision[found++] = right / (wrong + right + TINY);
      } else wrong += weight;
    }
    for (let i = found - 1; i > 0; i--) precision[i - 1] = Math.max(precision[i - 1]!, precision[i]!);
    let [sum, at] = [0, 0];
    for (const wanted of RECALLS) {
      while (at < found && recall[at]! < wanted) at++;
      if (at < found) sum += precision[at]!;
    }
    return sum / RECALLS.length;
  };

  return (times) => {
    let [sum, known] = [0, 0];
    for (const own of classes) {
      const count = own.positives.reduce((total, objects, image) => total + objects * times[image]!, 0);
      if (count === 0) continue;
      THRESHOLDS.forEach((_, t) => (sum += atThreshold(own, t, count, times)));
      known += THRESHOLDS.length;
    }
    return sum / known;
  };
}

/** In the order of class ids. */
function byClass(images: readonly Matches[]): ClassDetections[] {
  const ids = new Set(images.flatMap(({ positives }) => positives.map(([id]) => id!)));
  const all = images.flatMap(({ classes, scores, states }, image) =>
    classes.map((id, i) => ({ id, image, score: scores[i]!, bits: states[i * STATES]! })),
  );
  // Sorting is stable: of equally sure ones the earlier image's come first.
  all.sort((a, b) => b.score - a.score);
  return [...ids]
    .sort((a, b) => a - b)
    .map((id) => {
      const own = all.filter((one) => one.id === id);
      const objectsOf = ({ positives }: Matches): number => positives.find(([other]) => other === id)?.[1] ?? 0;
      return {
        images: Int32Array.from(own, ({ image }) => image),
        bits: Int32Array.from(own, ({ bits }) => bits),
        positives: Float64Array.from(images, objectsOf),
      };
    });
}
