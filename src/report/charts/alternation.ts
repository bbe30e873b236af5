import * as Plot from '@observablehq/plot';
import { burstText, type Alternating } from '../alternation.js';
import { formatScore } from '../format.js';
import { metricOf } from '../metrics.js';
import type { Results } from '../schema.js';
import { seriesOf } from './series.js';
import { drawSvg, type Width, WIDTHS } from './svg.js';
import { scoreAxis } from './ticks.js';

/** Mean score over how often the level of a sequence changes, a curve per method. */
export function drawAlternation(results: Results, lines: readonly Alternating[], width: Width): string {
  const metric = metricOf(results);
  const series = seriesOf(results.methods).filter(({ method }) => lines.some((line) => line.method === method));
  const points = lines.flatMap(({ method, points: own }) =>
    own.map(({ burst, score }) => ({ method, score, at: burstText(burst) })),
  );
  const ticks = [...new Set(points.map(({ at }) => at))];
  const scores = points.map(({ score }) => score);
  type Point = (typeof points)[number];
  return drawSvg(`${metric.label} over changes of the level`, {
    width: WIDTHS[width],
    height: 300,
    marginLeft: 52,
    marginRight: 36,
    marginTop: 28,
    marginBottom: 40,
    x: {
      type: 'point',
      domain: ticks,
      label: 'the level changes',
      labelAnchor: 'center',
      labelArrow: 'none',
      padding: 0.2,
    },
    y: {
      ...scoreAxis(metric),
      label: `mean ${metric.label}`,
      nice: false,
      domain: [Math.min(...scores) - 0.01, Math.max(...scores) + 0.01],
      ticks: 5,
    },
    color: { domain: series.map(({ method }) => method), range: series.map(({ color }) => color) },
    marks: [
      ...series.map(({ method, dash }) =>
        Plot.line(
          points.filter((point) => point.method === method),
          { x: 'at', y: 'score', stroke: 'method', strokeWidth: 2, strokeDasharray: dash },
        ),
      ),
      Plot.dot(points, {
        x: 'at',
        y: 'score',
        fill: 'method',
        r: 3.5,
        title: ({ method, at, score }: Point) => `${method}, ${at}: ${formatScore(score, metric)}`,
      }),
    ],
  });
}
