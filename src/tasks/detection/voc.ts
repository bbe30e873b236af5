/** Overlap from which a detection finds an object, by Pascal VOC's rules. */
const THRESHOLD = 0.5;

/** Bits of a detection. */
export const VOC_FINDS = 1;
export const VOC_LEFT_OUT = 2;

/**
 * Which detections of a class in an image find objects by Pascal VOC's rules: each looks at the object that it overlaps most alone, and where a
 * surer one has found that already it is a false alarm. One that looks at a crowd counts nowhere, as with VOC's difficult objects.
 *
 * @param crowd a flag per object
 * @param overlaps `[detections, objects]`, detections from the surest on
 * @source VOCdevkit's `VOCevaldet`; boxes here end where they end, so that no pixel is added to sides
 */
export function vocMatches(crowd: ArrayLike<number>, overlaps: Float64Array, detections: number): number[] {
  const count = crowd.length;
  const isTaken = new Uint8Array(count);
  return Array.from({ length: detections }, (_, d) => {
    let best = -1;
    for (let g = 0; g < count; g++) {
      if (best < 0 || overlaps[d * count + g]! > overlaps[d * count + best]!) best = g;
    }
    if (best < 0 || overlaps[d * count + best]! < THRESHOLD) return 0;
    if (crowd[best]) return VOC_LEFT_OUT;
    if (isTaken[best]) return 0;
    isTaken[best] = 1;
    return VOC_FINDS;
  });
}

/** Recall and precision after each detection, from the surest on. */
export interface Curve {
  recall: Float64Array;
  precision: Float64Array;
}

/** The mean over recalls 0, .1 ... 1 of the best precision from there on. @source Pascal VOC 2007 */
export function elevenPointPrecision({ recall, precision }: Curve): number {
  let sum = 0;
  for (let i = 0; i <= 10; i++) {
    let best = 0;
    recall.forEach((value, d) => {
      if (value >= i * 0.1) best = Math.max(best, precision[d]!);
    });
    sum += best / 11;
  }
  return sum;
}

/** The area below the curve, whose precision falls nowhere behind. @source Pascal VOC 2010 and later */
export function areaBelow({ recall, precision }: Curve): number {
  const best = precision.slice();
  for (let d = best.length - 2; d >= 0; d--) best[d] = Math.max(best[d]!, best[d + 1]!);
  return recall.reduce((sum, value, d) => sum + (value - (d === 0 ? 0 : recall[d - 1]!)) * best[d]!, 0);
}
