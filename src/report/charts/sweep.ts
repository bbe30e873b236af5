import * as Plot from '@observablehq/plot';
import { formatOverhead, formatScore } from '../format.js';
import { metricOf } from '../metrics.js';
import { nameOf } from '../rows.js';
import type { Results } from '../schema.js';
import { type Sweep, sweepMarks } from '../sweeps.js';
import { seriesOf } from './series.js';
import { drawSvg, INK, type Width, WIDTHS } from './svg.js';
import { scoreAxis, shownTexts } from './ticks.js';

/** Of a chart's width what is not the axis. */
const MARGINS = 52 + 36 + 2 * 8;

/** Mean score over the size of adaptors, a curve per method that stands with several budgets; others as dashed lines. */
export function drawSweeps(results: Results, sweeps: readonly Sweep[], width: Width): string {
  const metric = metricOf(results);
  const colors = new Map(seriesOf(results.methods).map(({ method, color }) => [method, color]));
  const marks = sweepMarks(results);
  const points = sweeps.flatMap(({ kind, points: own }) => own.map((point) => ({ ...point, kind })));
  const shares = [...new Set(points.map(({ share }) => share))].sort((a, b) => a - b);
  const ticks = shares.map((share) => ({ at: share, text: formatOverhead(share) }));
  const shown = shownTexts(ticks, true, WIDTHS[width] - MARGINS);
  const values = [...points, ...marks].map(({ score }) => score);
  type Point = (typeof points)[number];
  // A curve is of the colour of the method that stands for it.
  const colorOf = ({ kind }: Sweep): string => colors.get(nameOf(results, kind)!)!;
  return drawSvg(`${metric.label} over the size of adaptors`, {
    width: WIDTHS[width],
    height: 300,
    marginLeft: 52,
    marginRight: 36,
    marginTop: 28,
    marginBottom: 40,
    x: { type: 'log', inset: 8 },
    y: {
      ...scoreAxis(metric),
      label: `mean ${metric.label}`,
      nice: false,
      domain: [Math.min(...values) - 0.01, Math.max(...values) + 0.01],
      ticks: 5,
    },
    color: { domain: sweeps.map(({ kind }) => kind), range: sweeps.map(colorOf) },
    marks: [
      Plot.axisX(shares, {
        text: (share: number) => shown.get(share) ?? '',
        label: 'size of an adaptor, % of the network',
        labelAnchor: 'center',
        labelArrow: 'none',
      }),
      Plot.ruleY(marks, { y: 'score', stroke: INK.muted, strokeDasharray: '4 4' }),
      Plot.text(marks, {
        y: 'score',
        text: ({ method, score }: (typeof marks)[number]) => `${method}: ${formatScore(score, metric)}`,
        frameAnchor: 'left',
        textAnchor: 'start',
        dx: 4,
        dy: -8,
        fill: INK.muted,
      }),
      Plot.line(points, { x: 'share', y: 'score', z: 'kind', stroke: 'kind', strokeWidth: 2 }),
      Plot.dot(points, {
        x: 'share',
        y: 'score',
        fill: 'kind',
        r: 3.5,
        title: ({ method, share, score }: Point) =>
          `${method}, ${formatOverhead(share)}: ${formatScore(score, metric)}`,
      }),
    ],
  });
}
