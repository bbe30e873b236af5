import * as Plot from '@observablehq/plot';
import { formatOverhead, formatScore } from '../format.js';
import { nameOf, type Results } from '../results.js';
import { type Sweep, sweepMarks } from '../sweeps.js';
import { seriesOf } from './series.js';
import { drawSvg, INK, type Width, WIDTHS } from './svg.js';

/** Mean mIoU over the size of adaptors, a curve per method that stands with several budgets; others as dashed lines. */
export function drawSweeps(results: Results, sweeps: readonly Sweep[], width: Width): string {
  const colors = new Map(seriesOf(results.methods).map(({ method, color }) => [method, color]));
  const marks = sweepMarks(results);
  const points = sweeps.flatMap(({ kind, points: own }) => own.map((point) => ({ ...point, kind })));
  const values = [...points, ...marks].map(({ miou }) => miou);
  type Point = (typeof points)[number];
  // A curve is of the colour of the method that stands for it.
  const colorOf = ({ kind }: Sweep): string => colors.get(nameOf(results, kind)!)!;
  return drawSvg('mIoU over the size of adaptors', {
    width: WIDTHS[width],
    height: 300,
    marginLeft: 52,
    marginRight: 36,
    marginTop: 28,
    marginBottom: 40,
    x: {
      type: 'log',
      label: 'adaptor, % of the network',
      inset: 8,
      ticks: [...new Set(points.map(({ share }) => share))],
      tickFormat: (share: number) => formatOverhead(share),
    },
    y: { label: 'mean mIoU', grid: true, domain: [Math.min(...values) - 0.01, Math.max(...values) + 0.01], ticks: 5 },
    color: { domain: sweeps.map(({ kind }) => kind), range: sweeps.map(colorOf) },
    marks: [
      Plot.ruleY(marks, { y: 'miou', stroke: INK.muted, strokeDasharray: '4 4' }),
      Plot.text(marks, {
        y: 'miou',
        text: ({ method, miou }: (typeof marks)[number]) => `${method}: ${formatScore(miou)}`,
        frameAnchor: 'left',
        textAnchor: 'start',
        dx: 4,
        dy: -8,
        fill: INK.muted,
      }),
      Plot.line(points, { x: 'share', y: 'miou', z: 'kind', stroke: 'kind', strokeWidth: 2 }),
      Plot.dot(points, {
        x: 'share',
        y: 'miou',
        fill: 'kind',
        r: 3.5,
        title: ({ method, share, miou }: Point) => `${method}, ${formatOverhead(share)}: ${formatScore(miou)}`,
      }),
    ],
  });
}
