import { drawCurves } from './charts/curves.js';
import { seriesOf } from './charts/series.js';
import { drawSweeps } from './charts/sweep.js';
import { nameOf, type Results } from './results.js';
import { svgFile } from './svg-file.js';
import { sweepsOf } from './sweeps.js';

/** mIoU per level, a curve per method, as an SVG file of its own, on white. */
export function curvesSvg(results: Results): string {
  const shown = new Set(results.rows.map(({ method }) => method));
  const methods = results.methods.filter(({ name }) => shown.has(name));
  const legend = seriesOf(methods).map(({ method, color, dash }) => ({ color, text: method, dash }));
  return svgFile(
    { title: `${results.experiment}: mIoU per level`, legend },
    drawCurves({ ...results, methods }, 'wide'),
  );
}

/** Mean mIoU over the size of adaptors, likewise; null where no method stands with several budgets. */
export function sweepsSvg(results: Results): string | null {
  const sweeps = sweepsOf(results);
  if (sweeps.length === 0) return null;
  const series = seriesOf(results.methods);
  const legend = sweeps.map(({ kind }) => {
    const { color } = series.find(({ method }) => method === nameOf(results, kind))!;
    return { color, text: kind, dash: '' };
  });
  const title = `${results.experiment}: mIoU over the size of adaptors`;
  return svgFile({ title, legend }, drawSweeps(results, sweeps, 'wide'));
}
