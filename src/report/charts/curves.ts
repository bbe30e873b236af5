import * as Plot from '@observablehq/plot';
import { formatScore } from '../format.js';
import { cleanRowOf, rowOf, type Results } from '../results.js';
import { seriesOf } from './series.js';
import { drawSvg, INK, type Width, WIDTHS } from './svg.js';

/** mIoU per level, a curve per method; the original's on clean images as a dashed line. */
export function drawCurves(results: Results, width: Width): string {
  const { levels, methods } = results;
  const series = seriesOf(methods);
  const points = methods.flatMap(({ name: method }) =>
    levels.flatMap((level) => {
      const miou = rowOf(results, method, level)?.miou;
      return typeof miou === 'number' ? [{ method, level, miou }] : [];
    }),
  );
  const clean = cleanRowOf(results)?.miou;
  const values = [...points.map(({ miou }) => miou), ...(typeof clean === 'number' ? [clean] : [])];
  const { kind, text } = levelAxis(levels);
  const crowded = levels.some((level) => text(level).length * levels.length > (width === 'wide' ? 110 : 40));
  return drawSvg('mIoU per level', {
    width: WIDTHS[width],
    height: width === 'wide' ? 400 : 300,
    marginBottom: crowded ? 96 : 44,
    marginRight: 24,
    x: { type: 'point', domain: levels, label: kind, tickFormat: text, tickRotate: crowded ? -50 : 0 },
    y: { label: 'mIoU', grid: true, nice: true, domain: extent(values), ticks: 6 },
    color: { domain: series.map(({ method }) => method), range: series.map(({ color }) => color) },
    marks: [
      ...(typeof clean === 'number'
        ? [
            Plot.ruleY([clean], { stroke: INK.muted, strokeDasharray: '4 4' }),
            Plot.text([clean], {
              y: (value: number) => value,
              text: () => `original, clean images: ${formatScore(clean)}`,
              frameAnchor: 'left',
              textAnchor: 'start',
              dx: 4,
              dy: -8,
              fill: INK.muted,
            }),
          ]
        : []),
      ...series.map(({ method, dash }) =>
        Plot.line(
          points.filter((point) => point.method === method),
          { x: 'level', y: 'miou', stroke: 'method', strokeWidth: 2, strokeDasharray: dash || undefined },
        ),
      ),
      Plot.dot(points, {
        x: 'level',
        y: 'miou',
        fill: 'method',
        r: 3.5,
        title: ({ method, level, miou }: (typeof points)[number]) => `${method} at ${level}: ${formatScore(miou)}`,
      }),
    ],
  });
}

/** Levels of one kind are named by their values alone, with the kind as the axis's name. */
function levelAxis(levels: readonly string[]): { kind: string; text: (level: string) => string } {
  const kinds = new Set(levels.map((level) => (level.includes('+') ? level : level.split('=')[0]!)));
  const [kind] = kinds;
  if (kinds.size !== 1 || levels.some((level) => !level.includes('=') || level.includes('+'))) {
    return { kind: 'level', text: (level) => level };
  }
  return { kind: kind!, text: (level) => level.slice(kind!.length + 1) };
}

function extent(values: readonly number[]): [number, number] {
  if (values.length === 0) return [0, 1];
  return [Math.floor(Math.min(...values) * 20) / 20, Math.ceil(Math.max(...values) * 20 + 0.2) / 20];
}
