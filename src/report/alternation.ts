import { formatScore } from './format.js';
import { metricOf } from './metrics.js';
import type { Results } from './schema.js';

/** A method over the length of bursts, the shortest first; null stands for one level throughout. */
export interface Alternating {
  method: string;
  /** Its answers follow from what it was shown before; else it does as well whatever came before. */
  adapts: boolean;
  points: { burst: number | null; score: number }[];
}

/** Mean scores over the levels of the averages, of sequences whose level changes; none where that was not measured at all of them. */
export function alternatingOf({ alternation = [], averages, methods }: Results): Alternating[] {
  if (!averages || alternation.length === 0) return [];
  const bursts = [...new Set(alternation.map(({ burst }) => burst))].sort((a, b) => a - b);
  const meanOf = (scores: Record<string, number | null>): number | undefined => {
    const values = averages.levels.map((level) => scores[level]);
    const known = values.filter((value) => typeof value === 'number');
    return known.length < values.length ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length;
  };
  return methods.flatMap(({ name }): Alternating[] => {
    const constant = averages.means[name];
    if (constant === undefined) return [];
    const own = alternation.filter(({ method }) => method === name);
    const points = bursts.flatMap((burst) => {
      const row = own.find((other) => other.burst === burst);
      const score = own.length === 0 ? constant : row && meanOf(row.scores);
      return score === undefined ? [] : [{ burst, score }];
    });
    return [{ method: name, adapts: own.length > 0, points: [...points, { burst: null, score: constant }] }];
  });
}

/** A row per method, a column per length of bursts. */
export function alternatingTable(results: Results): { head: string[]; rows: string[][] } | undefined {
  const lines = alternatingOf(results);
  if (lines.length === 0) return undefined;
  const metric = metricOf(results);
  const bursts = [...new Set(lines.flatMap(({ points }) => points.map(({ burst }) => burst)))];
  const scoreAt = ({ points }: Alternating, burst: number | null): number | undefined =>
    points.find((point) => point.burst === burst)?.score;
  return {
    head: ['method', ...bursts.map(burstText)],
    rows: lines.map((line) => [line.method, ...bursts.map((burst) => formatScore(scoreAt(line, burst), metric))]),
  };
}

/** `every frame`, `every 5 frames`, `never` */
export function burstText(burst: number | null): string {
  if (burst === null) return 'never';
  return burst === 1 ? 'every frame' : `every ${burst} frames`;
}

/** What the table says. */
export const ALTERNATING_TEXT =
  'Mean over levels by how often the level changes within a sequence. Every frame is answered at every level; methods that adapt while answering begin each sequence from the base, the others have their level’s network or adaptor at once.';
