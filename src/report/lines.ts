import { formatScore } from './format.js';
import { metricOf } from './metrics.js';
import { scoreOf } from './rows.js';
import type { Results } from './schema.js';

/**
 * The table for a terminal: a row per level with the primary score of every method.
 *
 * @returns lines such as `jpeg=10    0.412     0.538     0.541`, the heading first
 */
export function levelLines({ levels, methods, rows }: Pick<Results, 'levels' | 'methods' | 'rows'>): string[] {
  const metric = metricOf({ rows });
  const width = Math.max('level'.length, ...levels.map((level) => level.length));
  const names = methods.map(({ name }) => name);
  const line = (first: string, cells: string[]): string =>
    [first.padEnd(width), ...cells.map((cell, i) => cell.padStart(Math.max(9, names[i]!.length)))].join('  ').trimEnd();
  return [
    line('level', names),
    ...levels.map((level) =>
      line(
        level,
        names.map((name) => formatScore(scoreOf({ rows }, name, level), metric)),
      ),
    ),
  ];
}
