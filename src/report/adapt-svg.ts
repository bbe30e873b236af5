import * as Plot from '@observablehq/plot';
import { drawSvg, WIDTHS } from './charts/svg.js';
import { svgFile } from './svg-file.js';

/** What a level came to, as `gearnn adapt` has it; scores are 0..1. */
export interface AdaptedScores {
  level: string;
  before: number;
  after: number;
  clean: number;
  kept: boolean;
}

const LEGEND = [
  { color: 'var(--original)', text: 'as it is' },
  { color: 'var(--adaptor)', text: 'with the adaptor' },
  { color: 'var(--rest)', text: 'with the adaptor, on clean pictures' },
];

/** A line per level from the score as it is to the score with its adaptor, as an SVG file of its own. */
export function adaptSvg(rows: readonly AdaptedScores[], heading: string): string {
  const named = rows.map((row) => ({ ...row, name: row.kept ? row.level : `${row.level}, not kept` }));
  const dots = (score: 'before' | 'after' | 'clean', fill: string): Plot.Markish =>
    Plot.dot(named, {
      ...{ x: score, y: 'name', r: 5, fill },
      title: (row: AdaptedScores) => `${row.level}: ${row[score].toFixed(4)}`,
    });
  const chart = drawSvg(`${heading} per level before and after adapting`, {
    width: WIDTHS.wide,
    height: 60 + 28 * rows.length,
    marginLeft: 200,
    marginBottom: 36,
    x: { label: heading, domain: [0, 1], grid: true },
    y: { label: null, domain: named.map(({ name }) => name) },
    marks: [
      Plot.link(named, { x1: 'before', x2: 'after', y1: 'name', y2: 'name', stroke: 'var(--adaptor)', strokeWidth: 2 }),
      dots('clean', 'var(--rest)'),
      dots('before', 'var(--original)'),
      dots('after', 'var(--adaptor)'),
    ],
  });
  return svgFile({ title: `${heading} before and after adapting`, legend: LEGEND }, [chart]);
}
