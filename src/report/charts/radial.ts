import * as Plot from '@observablehq/plot';
import type { FrequencyGroup } from '../frequency.js';
import type { MethodInfo } from '../schema.js';
import { seriesOf } from './series.js';
import { drawSvg, type Width, WIDTHS } from './svg.js';

/** Mean response by radial frequency, a curve per method, on a logarithmic axis. */
export function drawRadial(
  { level, input, rows }: FrequencyGroup,
  methods: readonly MethodInfo[],
  width: Width,
): string {
  const series = seriesOf(methods).filter(({ method }) => rows.some((row) => row.method === method));
  const points = rows.flatMap(({ method, radial }) =>
    radial.flatMap((value, i) =>
      value !== null && value > 0 ? [{ method, at: (i + 0.5) / radial.length, value }] : [],
    ),
  );
  return drawSvg(`response by radial frequency, networks for ${level} on ${input} images`, {
    width: WIDTHS[width],
    height: width === 'wide' ? 260 : 220,
    marginLeft: 56,
    marginBottom: 36,
    x: { label: 'radial frequency (1: half a period per pixel)', domain: [0, 1], ticks: 5 },
    y: { type: 'log', label: 'mean response', grid: true, ticks: 4, tickFormat: '.0e' },
    color: { domain: series.map(({ method }) => method), range: series.map(({ color }) => color) },
    marks: series.map(({ method, dash }) =>
      Plot.line(
        points.filter((point) => point.method === method),
        { x: 'at', y: 'value', stroke: 'method', strokeWidth: 1.5, strokeDasharray: dash || undefined },
      ),
    ),
  });
}
