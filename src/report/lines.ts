import { formatScore } from './format.js';
import { METHODS, rowOf, type Results } from './results.js';

/**
 * The table for a terminal: a row per level with the mIoU of original, adaptor and switching.
 *
 * @returns lines such as `jpeg=10    0.412     0.538     0.541`, the heading first
 */
export function levelLines({ levels, rows }: Pick<Results, 'levels' | 'rows'>): string[] {
  const width = Math.max('level'.length, ...levels.map((level) => level.length));
  const line = (first: string, cells: string[]): string =>
    [first.padEnd(width), ...cells.map((cell) => cell.padStart(9))].join('  ').trimEnd();
  return [
    line('level', [...METHODS]),
    ...levels.map((level) =>
      line(
        level,
        METHODS.map((method) => formatScore(rowOf({ rows }, method, level)?.miou)),
      ),
    ),
  ];
}
