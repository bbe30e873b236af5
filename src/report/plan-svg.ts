import * as Plot from '@observablehq/plot';
import { drawSvg, INK, WIDTHS } from './charts/svg.js';
import { svgFile } from './svg-file.js';

/** What adaptors of one size win back, 0..1 of what can be won. */
export interface PlannedSize {
  budget: string;
  parameters: number;
  share: number;
}

/** The share won back over the size of adaptors, and the share that is asked for as a dashed line, as an SVG file of its own. */
export function planSvg(curve: readonly PlannedSize[], target: number): string {
  const points = curve.filter(({ parameters }) => parameters > 0).sort((a, b) => a.parameters - b.parameters);
  const chart = drawSvg('share of what can be won back over the size of adaptors', {
    ...{ width: WIDTHS.wide, height: 300, marginLeft: 52, marginRight: 36, marginTop: 28, marginBottom: 40 },
    x: { type: 'log', inset: 8, label: 'parameters of an adaptor' },
    y: {
      label: 'won back',
      tickFormat: '.0%',
      grid: true,
      domain: [0, Math.max(1, ...points.map((one) => one.share))],
    },
    marks: [
      Plot.ruleY([target], { stroke: INK.muted, strokeDasharray: '4 4' }),
      Plot.line(points, { x: 'parameters', y: 'share', stroke: 'var(--adaptor)', strokeWidth: 2 }),
      Plot.dot(points, { x: 'parameters', y: 'share', fill: 'var(--adaptor)', r: 4 }),
      Plot.text(points, { x: 'parameters', y: 'share', text: 'budget', dy: -12, fill: INK.muted }),
    ],
  });
  const legend = [{ color: 'var(--adaptor)', text: 'adaptors of the same size at all levels that need one' }];
  return svgFile({ title: 'How large adaptors have to be', legend }, [chart]);
}
