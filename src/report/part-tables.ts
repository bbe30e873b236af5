import { formatFinePoints, formatScore } from './format.js';
import { metricInfo } from './metrics.js';
import { primaryScore, rowOf } from './rows.js';
import type { PartResults, Results } from './schema.js';

/** A table, with a heading where it is about one part. */
export interface PartTable {
  heading?: string;
  head: string[];
  rows: string[][];
  text: string;
}

/** Side by side what methods reach on the validation samples and on those that nothing was trained on, then each of the latter by level; none where there are no such samples. */
export function partTables(results: Results): PartTable[] {
  const { parts = [], averages } = results;
  if (!averages || parts.length === 0) return [];
  return [sideBySide(results, parts), ...parts.filter(({ seen }) => !seen).map((part) => byLevel(results, part))];
}

function sideBySide(results: Results, parts: readonly PartResults[]): PartTable {
  return {
    head: ['method', ...parts.flatMap((part) => [titleOf(part), 'worst level there'])],
    rows: results.methods.map(({ name }) => [
      name,
      ...parts.flatMap((part) => [cellOf(results, part, name, null), worstOf(part, name)]),
    ]),
    text: textOf(results, parts),
  };
}

function byLevel(results: Results, part: PartResults): PartTable {
  const { levels, methods } = results;
  const clean = part.rows.find(({ level }) => level === 'clean');
  const { images, samples } = part;
  const cleanText = clean ? ` Clean, ${clean.method} has ${formatScore(primaryScore(clean), infoOf(part))}.` : '';
  return {
    heading: titleOf(part),
    head: ['method', ...levels, 'mean'],
    rows: methods.map(({ name }) => [name, ...[...levels, null].map((level) => cellOf(results, part, name, level))]),
    text: `${images} images, ${samples}.${cleanText}`,
  };
}

/** `0.391`, and behind it the gain over the original where it is known: `(+1.20, −0.31 to +2.52)`. */
function cellOf({ averages }: Results, part: PartResults, method: string, level: string | null): string {
  const scoreAt = (at: string): number | null | undefined => primaryScore(rowOf(part, method, at));
  const levels = level === null ? averages!.levels : [level];
  const scores = levels.map(scoreAt).filter((score) => typeof score === 'number');
  if (scores.length < levels.length) return '–';
  const score = formatScore(scores.reduce((sum, value) => sum + value, 0) / scores.length, infoOf(part));
  const gain = part.gains.find((row) => row.method === method && row.level === level);
  return gain ? `${score} (${formatFinePoints(gain.points)}, ${rangeOf(gain)})` : score;
}

/** The level at which a method gains least, or loses most. */
function worstOf(part: PartResults, method: string): string {
  const own = part.gains.filter((row) => row.method === method && row.level !== null);
  if (own.length === 0) return '–';
  const worst = own.reduce((least, row) => (row.points < least.points ? row : least));
  return `${worst.level}: ${formatFinePoints(worst.points)} (${rangeOf(worst)})`;
}

function rangeOf({ low, high }: { low: number; high: number }): string {
  return `${formatFinePoints(low)} to ${formatFinePoints(high)}`;
}

/** As headings name it. */
export function titleOf({ name, seen, agreement }: PartResults): string {
  return `${name}, ${seen ? 'seen' : 'unseen'}${agreement ? ', agreement' : ''}`;
}

function infoOf({ rows }: PartResults) {
  return metricInfo(rows[0]?.primary ?? 'score');
}

function textOf({ averages }: Results, parts: readonly PartResults[]): string {
  const gains = parts.flatMap((part) => part.gains);
  const { label } = infoOf(parts[0]!);
  const count = averages!.levels.length;
  const how = gains[0];
  return [
    `Mean ${label} ${count === 1 ? 'at one level' : `over ${count} levels`}, in brackets the gain over the original in points`,
    how
      ? `with the 95% interval of ${how.resamples} draws of blocks of ${how.block} neighbouring images, the same ones for both.`
      : 'where counts per image are known and images are enough.',
    'Nothing was trained on what is called unseen.',
    ...(parts.some(({ agreement }) => agreement)
      ? ['Agreement is that with the answers of the base on the clean images, by the same score.']
      : []),
  ].join(' ');
}
