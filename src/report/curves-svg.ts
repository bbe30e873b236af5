import { drawCurves } from './charts/curves.js';
import { seriesOf } from './charts/series.js';
import { drawSweeps } from './charts/sweep.js';
import { metricOf } from './metrics.js';
import { nameOf } from './rows.js';
import type { Results } from './schema.js';
import { svgFile } from './svg-file.js';
import { sweepsOf } from './sweeps.js';

/** Score over the strength of each kind of distortion, a curve per method, as an SVG file of its own. */
export function curvesSvg(results: Results): string {
  const shown = new Set(results.rows.map(({ method }) => method));
  const methods = results.methods.filter(({ name }) => shown.has(name));
  const legend = seriesOf(methods).map(({ method, color, dash }) => ({ color, text: method, dash }));
  const title = `${results.experiment}: ${metricOf(results).label} per level`;
  return svgFile({ title, legend }, drawCurves({ ...results, methods }, 'wide'));
}

/** Mean score over the size of adaptors, likewise; null where no method stands with several budgets. */
export function sweepsSvg(results: Results): string | null {
  const sweeps = sweepsOf(results);
  if (sweeps.length === 0) return null;
  const series = seriesOf(results.methods);
  const legend = sweeps.map(({ kind }) => {
    const { color } = series.find(({ method }) => method === nameOf(results, kind))!;
    return { color, text: kind, dash: '' };
  });
  const title = `${results.experiment}: ${metricOf(results).label} over the size of adaptors`;
  return svgFile({ title, legend }, [drawSweeps(results, sweeps, 'wide')]);
}
