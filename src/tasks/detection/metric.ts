import { fail } from '../../common/errors.js';
import type { Detections } from '../../detect/instances.js';
import type { Metric } from '../task.js';
import { AP_SCORES, apScores, classPrecision, type ApScores } from './average-precision.js';
import { matchImage, type OverlapKind } from './coco-match.js';
import { drawnPrecision } from './drawn-precision.js';
import { addMatches, noMatches, packMatches, unpackMatches, type Matches } from './matches.js';
import { requireMasks, uncollateInstances } from './targets.js';

/** What of each kind of overlap is called in tables. */
const NOUNS: Record<OverlapKind, string> = { bbox: 'box', segm: 'mask' };

/** Of all scores, those that tables show. */
const SHOWN = ['AP', 'AP50', 'AP75'] as const;

/** Matches of boxes, and of masks where they are looked at. */
export type DetectionCounts = Partial<Record<OverlapKind, Matches>>;

/**
 * COCO's and Pascal VOC's average precision. Scores are called `bbox.AP`, `segm.AP50` and so on; networks are compared by AP of the last kind.
 *
 * @param kinds what is compared: boxes alone, or masks too
 */
export function detectionMetric(classes: number, kinds: readonly OverlapKind[]): Metric<Detections, DetectionCounts> {
  const primary = kinds.at(-1)!;
  const each = <T>(make: (kind: OverlapKind) => T): Partial<Record<OverlapKind, T>> =>
    Object.fromEntries(kinds.map((kind) => [kind, make(kind)]));
  return {
    primary: `${primary}.AP`,
    compared: kinds.map((kind) => `${kind}.AP`),
    headings: Object.fromEntries(
      kinds.flatMap((kind) => SHOWN.map((name) => [`${kind}.${name}`, `${NOUNS[kind]} ${name}`])),
    ),
    none: () => each(noMatches),
    count(target, found, where) {
      const [truth] = uncollateInstances(target);
      if (truth!.isUnknown) return each(noMatches);
      if (kinds.includes('segm')) requireMasks(truth!, where);
      requireClasses(truth!.classes, classes, where);
      requireClasses(found.classes, classes, where);
      return each((kind) => matchImage(truth!, found, kind));
    },
    merge: (sum, counts) => kinds.forEach((kind) => addMatches(sum[kind]!, counts[kind]!)),
    scores: (counts) =>
      Object.fromEntries(
        kinds.flatMap((kind) => {
          const own = apScores(counts[kind]!);
          return AP_SCORES.map((name) => [`${kind}.${name}`, own[name]]);
        }),
      ),
    drawn(images, score = `${primary}.AP`) {
      const kind = kinds.find((one) => score === `${one}.AP`)!;
      return drawnPrecision(images.map((counts) => counts[kind]!));
    },
    classScores: (counts) =>
      Object.fromEntries(kinds.map((kind) => [`${NOUNS[kind]}AP`, classPrecision(counts[kind]!, classes)])),
    pack: (images) => packMatches(images.map((counts) => kinds.map((kind) => counts[kind]!))),
    unpack: (packed, images) =>
      unpackMatches(packed, images, kinds.length).map((own) =>
        Object.fromEntries(kinds.map((kind, i) => [kind, own[i]!])),
      ),
  };
}

function requireClasses(ids: Int32Array, classes: number, where: string): void {
  const wrong = ids.find((id) => id < 0 || id >= classes);
  if (wrong === undefined) return;
  fail('E_EVAL_ID', { where, expected: `a class id from 0 to ${classes - 1}`, got: String(wrong) });
}

/** Scores as pycocotools and its users have them: by kind of overlap, and -1 where there is nothing to find. */
export function cocoScores(matches: DetectionCounts): Partial<Record<OverlapKind, ApScores>> {
  return Object.fromEntries(
    Object.entries(matches).map(([kind, own]) => {
      const scores = Object.entries(apScores(own)).map(([name, score]) => [name, Number.isNaN(score) ? -1 : score]);
      return [kind, Object.fromEntries(scores) as ApScores];
    }),
  );
}
