import { placeOf } from '../distort/detect/scales.js';
import type { Size } from '../distort/detect/resolution.js';
import { parseLevel } from '../distort/level.js';
import type { TrackedLevel } from './tracker.js';

/** Two levels that a frame lies between. */
export interface Neighbours {
  levels: readonly [string, string];
  /** How far from the first to the second, above 0 and below 1. */
  share: number;
}

/**
 * The two nearest levels of one kind on either side of what was seen of a frame; undefined where the frame lies at a level, beyond
 * the last one, or where more kinds than one were seen or its level was stated.
 */
export function neighboursOf(levels: readonly string[], tracked: TrackedLevel, size?: Size): Neighbours | undefined {
  const at = tracked.level === null ? undefined : parseLevel(tracked.level).steps;
  if (at?.length !== 1 || tracked.how === 'stated') return undefined;
  const { kind } = at[0]!;
  const value = tracked.known[kind];
  if (value === undefined) return undefined;
  const coordinate = (one: typeof value): number | undefined => {
    const point = placeOf([{ kind, value: one }], size).get(kind);
    return Array.isArray(point) && point.length === 1 ? point[0] : undefined;
  };
  const seen = coordinate(value);
  if (seen === undefined) return undefined;
  const places = levels.flatMap((text) => {
    const { steps } = parseLevel(text);
    const place = steps.length === 1 && steps[0]!.kind === kind ? coordinate(steps[0]!.value) : undefined;
    return place === undefined ? [] : [{ text, place }];
  });
  const below = places.filter(({ place }) => place <= seen).sort((a, b) => b.place - a.place)[0];
  const above = places.filter(({ place }) => place >= seen).sort((a, b) => a.place - b.place)[0];
  if (!below || !above || below.place === above.place || below.place === seen || above.place === seen) return undefined;
  return { levels: [below.text, above.text], share: (seen - below.place) / (above.place - below.place) };
}
