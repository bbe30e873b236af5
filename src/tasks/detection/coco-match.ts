import { cocoBoxIou } from '../../detect/boxes.js';
import { takeDetections, takeInstances, type Detections, type Instances } from '../../detect/instances.js';
import { byScore } from '../../detect/nms.js';
import { rleIou } from '../../detect/rle-overlap.js';
import { noMatches, type Matches } from './matches.js';
import { vocMatches } from './voc.js';

/** What is compared: boxes, or masks. */
export type OverlapKind = 'bbox' | 'segm';

/** `.50:.05:.95`, as NumPy's `linspace` spaces them. */
export const THRESHOLDS = Array.from({ length: 10 }, (_, i) => (i === 9 ? 0.95 : 0.5 + i * ((0.95 - 0.5) / 9)));

/** Pixels that an object covers, from and to, both included: all, small, medium, large ones. */
export const SIZE_RANGES = [
  [0, 1e10],
  [0, 32 ** 2],
  [32 ** 2, 96 ** 2],
  [96 ** 2, 1e10],
] as const;

/** What counts of each class in an image. */
const MOST_PER_CLASS = 100;

/**
 * Which detections of an image find objects, at every threshold and for every range of sizes.
 *
 * Within a class, from the surest on, each takes the object that it overlaps most among those that none has taken; of equal ones the later. Crowds
 * may be taken by many. What takes a crowd or an object outside the range counts nowhere, nor does what takes none and is itself outside.
 *
 * @param kind masks have to be known of both for `segm`
 * @returns an object whose id is 0 leaves what takes it a false alarm, as in pycocotools (cocodataset/cocoapi#332)
 * @source pycocotools' `COCOeval.evaluateImg`
 */
export function matchImage(truth: Instances, found: Detections, kind: OverlapKind): Matches {
  const matches = noMatches();
  const classes = new Set([...truth.classes, ...found.classes]);
  for (const id of [...classes].sort((a, b) => a - b))
    matchClass(ofClass(truth, id), bestOfClass(found, id), kind, id, matches);
  return matches;
}

function ofClass(truth: Instances, id: number): Instances {
  return takeInstances(
    truth,
    [...truth.classes.keys()].filter((i) => truth.classes[i] === id),
  );
}

/** The surest of a class, the best first; of equally sure ones the earlier first. */
function bestOfClass(found: Detections, id: number): Detections {
  const order = [...byScore(found.scores)].filter((i) => found.classes[i] === id);
  return takeDetections(found, order.slice(0, MOST_PER_CLASS));
}

function matchClass(truth: Instances, found: Detections, kind: OverlapKind, id: number, into: Matches): void {
  const overlaps =
    kind === 'bbox'
      ? cocoBoxIou(found.boxes, truth.boxes, truth.crowd)
      : rleIou(found.masks ?? [], truth.masks ?? [], truth.crowd);
  const areas =
    found.areas ?? Float64Array.from(found.scores, (_, i) => found.boxes[4 * i + 2]! * found.boxes[4 * i + 3]!);
  const states = SIZE_RANGES.map((range) => matchRange(truth, overlaps, areas, range));
  const voc = vocMatches(truth.crowd, overlaps, found.scores.length);
  found.scores.forEach((score, rank) => {
    into.classes.push(id);
    into.ranks.push(rank);
    into.scores.push(score);
    into.states.push(...states.map((bits) => bits[rank]!), voc[rank]!);
  });
  const counted = SIZE_RANGES.map((range) => truth.areas.filter((_, i) => !isLeftOut(truth, i, range)).length);
  if (truth.ids.length > 0) into.positives.push([id, ...counted]);
}

function isOutside(area: number, [from, to]: readonly [number, number]): boolean {
  return area < from || area > to;
}

function isLeftOut({ crowd, areas }: Instances, i: number, range: readonly [number, number]): boolean {
  return crowd[i] === 1 || isOutside(areas[i]!, range);
}

/** Of each detection a bit per threshold: lower ten, whether it finds an object; upper ten, whether it counts nowhere. */
function matchRange(
  truth: Instances,
  overlaps: Float64Array,
  areas: Float64Array,
  range: readonly [number, number],
): Int32Array {
  const count = truth.ids.length;
  const leftOut = Array.from(truth.ids, (_, g) => isLeftOut(truth, g, range));
  const order = [...leftOut.keys()].sort((a, b) => Number(leftOut[a]) - Number(leftOut[b]) || a - b);
  const bits = new Int32Array(areas.length);
  THRESHOLDS.forEach((threshold, t) => {
    const isTaken = new Uint8Array(count);
    for (let d = 0; d < areas.length; d++) {
      let [best, most] = [-1, Math.min(threshold, 1 - 1e-10)];
      for (const g of order) {
        if (isTaken[g] && !truth.crowd[g]) continue;
        // What counts nowhere comes last: it is taken only by what finds no object that counts.
        if (best >= 0 && !leftOut[best] && leftOut[g]) break;
        if (overlaps[d * count + g]! < most) continue;
        most = overlaps[d * count + g]!;
        best = g;
      }
      const finds = best >= 0 && truth.ids[best] !== 0;
      if (best >= 0) isTaken[best] = 1;
      if (finds) bits[d]! |= 1 << t;
      if ((best >= 0 && leftOut[best]) || (!finds && isOutside(areas[d]!, range)))
        bits[d]! |= 1 << (t + THRESHOLDS.length);
    }
  });
  return bits;
}
