import * as Plot from '@observablehq/plot';
import { formatScore } from '../format.js';
import { metricOf, type MetricInfo } from '../metrics.js';
import { cleanRowOf, primaryScore, scoreOf } from '../rows.js';
import type { Results } from '../schema.js';
import { levelAxis } from './level-axis.js';
import { type Panel, type PanelLevel, panelsOf } from './panels.js';
import { seriesOf } from './series.js';
import { drawSvg, INK, type Width, WIDTHS } from './svg.js';
import { scoreAxis } from './ticks.js';

/** Panels beside each other on a desk, and the space between them. */
export const MOST_COLUMNS = 3;
const GAP = 16;

/** A method's score at a level of a panel. */
interface Point extends PanelLevel {
  method: string;
  score: number;
}

/**
 * Score over the strength of the distortion, a chart per kind and in it a curve per method; the original's score on clean images as a
 * dashed line. All charts have one scale of scores.
 */
export function drawCurves(results: Results, width: Width): string[] {
  const panels = panelsOf(results.levels);
  const columns = width === 'wide' ? Math.min(panels.length, MOST_COLUMNS) : 1;
  const size = {
    width: Math.floor((WIDTHS[width] - GAP * (columns - 1)) / columns),
    height: columns === 1 ? 400 : 340,
  };
  if (width === 'narrow') size.height = 300;
  const clean = primaryScore(cleanRowOf(results));
  const points = panels.map((panel) => pointsOf(results, panel));
  const scores = [...points.flat().map(({ score }) => score), ...(typeof clean === 'number' ? [clean] : [])];
  const domain = extent(scores);
  return panels.map((panel, i) => drawPanel(results, panel, points[i]!, { ...size, domain, clean }));
}

function pointsOf(results: Results, { levels }: Panel): Point[] {
  return results.methods.flatMap(({ name: method }) =>
    levels.flatMap((place) => {
      const score = scoreOf(results, method, place.level);
      return typeof score === 'number' ? [{ ...place, method, score }] : [];
    }),
  );
}

interface PanelSize {
  width: number;
  height: number;
  /** Of scores. */
  domain: [number, number];
  /** The original's score on clean images. */
  clean: number | null | undefined;
}

function drawPanel(results: Results, panel: Panel, points: readonly Point[], size: PanelSize): string {
  const { width, height, domain, clean } = size;
  const metric = metricOf(results);
  const series = seriesOf(results.methods);
  const axis = levelAxis(panel, width);
  const x = panel.scale === 'bands' ? 'level' : 'at';
  return drawSvg(`${metric.label} by ${panel.name}`, {
    ...{ width, height, marginLeft: 44, marginRight: 20 },
    marginBottom: axis.marginBottom,
    x: axis.scale,
    y: { ...scoreAxis(metric), domain },
    color: { domain: series.map(({ method }) => method), range: series.map(({ color }) => color) },
    marks: [
      axis.mark,
      ...(typeof clean === 'number' ? cleanMarks(clean, metric) : []),
      // What stands side by side is not joined.
      ...(panel.scale === 'bands' ? [] : series).map(({ method, dash }) =>
        Plot.line(
          points.filter((point) => point.method === method),
          { x, y: 'score', stroke: 'method', strokeWidth: 2, strokeDasharray: dash || undefined },
        ),
      ),
      Plot.dot(points, {
        x,
        y: 'score',
        fill: 'method',
        r: 3.5,
        title: ({ method, level, score }: Point) => `${method} at ${level}: ${formatScore(score, metric)}`,
      }),
    ],
  });
}

function cleanMarks(clean: number, metric: MetricInfo): Plot.Markish[] {
  return [
    Plot.ruleY([clean], { stroke: INK.muted, strokeDasharray: '4 4' }),
    Plot.text([clean], {
      y: (value: number) => value,
      text: () => `original, clean images: ${formatScore(clean, metric)}`,
      frameAnchor: 'left',
      textAnchor: 'start',
      dx: 4,
      dy: -8,
      fill: INK.muted,
    }),
  ];
}

function extent(values: readonly number[]): [number, number] {
  if (values.length === 0) return [0, 1];
  return [Math.floor(Math.min(...values) * 20) / 20, Math.ceil(Math.max(...values) * 20 + 0.2) / 20];
}
