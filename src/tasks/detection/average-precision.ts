import { SIZE_RANGES, THRESHOLDS } from './coco-match.js';
import { STATES, type Matches } from './matches.js';
import { areaBelow, elevenPointPrecision, VOC_FINDS, VOC_LEFT_OUT, type Curve } from './voc.js';

/** Names of COCO's twelve numbers and of Pascal VOC's two, in order. */
export const AP_SCORES = [
  ...['AP', 'AP50', 'AP75', 'APs', 'APm', 'APl'],
  ...['AR1', 'AR10', 'AR100', 'ARs', 'ARm', 'ARl'],
  ...['VOC07', 'VOC'],
] as const;

export type ApScores = Record<(typeof AP_SCORES)[number], number>;

/** Recalls at which precision is read. */
const RECALLS = Array.from({ length: 101 }, (_, i) => (i === 100 ? 1 : i * 0.01));

/** What NumPy's `spacing(1)` is: keeps a first precision of nothing from being 0/0. */
const TINY = Number.EPSILON;

/** Detections that count per class and image: of AR1, AR10, AR100. */
const [MOST, FEW, ONE] = [100, 10, 1];

/** All detections of one class, from the surest on, and the objects that there are per range of sizes. */
interface ClassMatches {
  ranks: number[];
  states: number[][];
  positives: number[];
}

/** Sorted once: every score reads them from the surest on; of equally sure ones the earlier image's first. */
function byClass({ positives, classes, ranks, scores, states }: Matches): Map<number, ClassMatches> {
  const found = new Map<number, ClassMatches>();
  const of = (id: number): ClassMatches => {
    if (!found.has(id)) found.set(id, { ranks: [], states: [], positives: SIZE_RANGES.map(() => 0) });
    return found.get(id)!;
  };
  for (const [id, ...counts] of positives) {
    const own = of(id!).positives;
    counts.forEach((count, i) => (own[i]! += count));
  }
  const order = [...classes.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b);
  for (const i of order) {
    const own = of(classes[i]!);
    own.ranks.push(ranks[i]!);
    own.states.push(states.slice(i * STATES, (i + 1) * STATES));
  }
  return found;
}

/** By class id, so that sums are the same whatever image came first. */
function inOrder(matches: Matches): ClassMatches[] {
  return [...byClass(matches)].sort(([a], [b]) => a - b).map(([, own]) => own);
}

/** Precision at {@link RECALLS} on average, and the recall in the end; undefined where there is nothing to find. */
function atThreshold(
  own: ClassMatches,
  range: number,
  threshold: number,
  most: number,
): [precision: number, recall: number] | undefined {
  const count = own.positives[range]!;
  if (count === 0) return undefined;
  const [finds, leftOut] = [1 << threshold, 1 << (threshold + THRESHOLDS.length)];
  const [recall, precision]: [number[], number[]] = [[], []];
  let [right, wrong] = [0, 0];
  own.states.forEach((state, i) => {
    if (own.ranks[i]! >= most) return;
    const bits = state[range]!;
    if (!(bits & leftOut)) {
      if (bits & finds) right++;
      else wrong++;
    }
    recall.push(right / count);
    precision.push(right / (wrong + right + TINY));
  });
  for (let i = precision.length - 1; i > 0; i--) precision[i - 1] = Math.max(precision[i - 1]!, precision[i]!);
  let [sum, at] = [0, 0];
  for (const wanted of RECALLS) {
    while (at < recall.length && recall[at]! < wanted) at++;
    sum += precision[at] ?? 0;
  }
  return [sum / RECALLS.length, recall.at(-1) ?? 0];
}

/** By Pascal VOC's rules; undefined where there is nothing to find. */
function vocCurve(own: ClassMatches): Curve | undefined {
  const count = own.positives[0]!;
  if (count === 0) return undefined;
  const [recall, precision]: [number[], number[]] = [[], []];
  let [right, all] = [0, 0];
  for (const state of own.states) {
    const bits = state[STATES - 1]!;
    if (bits & VOC_LEFT_OUT) continue;
    all++;
    if (bits & VOC_FINDS) right++;
    recall.push(right / count);
    precision.push(right / all);
  }
  return { recall: Float64Array.from(recall), precision: Float64Array.from(precision) };
}

function mean(values: readonly (number | undefined)[]): number {
  const known = values.filter((value) => value !== undefined);
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}

/**
 * COCO's twelve numbers and Pascal VOC's two.
 *
 * @returns 0..1; NaN where there is no object to find, of which pycocotools says -1
 * @source pycocotools' `accumulate` and `summarize`; VOC07 is Pascal VOC 2007's mean over eleven recalls and VOC the later area below the curve,
 *   both at an overlap of .5
 */
export function apScores(matches: Matches): ApScores {
  const classes = inOrder(matches);
  const all = THRESHOLDS.map((_, t) => t);
  const over = (range: number, most: number, thresholds = all): { precision: number; recall: number } => {
    const found = thresholds.flatMap((t) => classes.map((own) => atThreshold(own, range, t, most)));
    return { precision: mean(found.map((one) => one?.[0])), recall: mean(found.map((one) => one?.[1])) };
  };
  const [whole, small, medium, large] = SIZE_RANGES.map((_, range) => over(range, MOST));
  const curves = classes.map(vocCurve);
  return {
    AP: whole!.precision,
    AP50: over(0, MOST, [0]).precision,
    AP75: over(0, MOST, [5]).precision,
    APs: small!.precision,
    APm: medium!.precision,
    APl: large!.precision,
    AR1: over(0, ONE).recall,
    AR10: over(0, FEW).recall,
    AR100: whole!.recall,
    ARs: small!.recall,
    ARm: medium!.recall,
    ARl: large!.recall,
    VOC07: mean(curves.map((curve) => curve && elevenPointPrecision(curve))),
    VOC: mean(curves.map((curve) => curve && areaBelow(curve))),
  };
}

/** AP of each class, `[classes]`; NaN where it has no object. */
export function classPrecision(matches: Matches, classes: number): Float64Array {
  const found = byClass(matches);
  return Float64Array.from({ length: classes }, (_, id) => {
    const own = found.get(id);
    return own ? mean(THRESHOLDS.map((__, t) => atThreshold(own, 0, t, MOST)?.[0])) : NaN;
  });
}

/** AP alone, which bootstraps ask for thousands of times. */
export function averagePrecision(matches: Matches): number {
  const classes = inOrder(matches);
  return mean(THRESHOLDS.flatMap((_, t) => classes.map((own) => atThreshold(own, 0, t, MOST)?.[0])));
}
