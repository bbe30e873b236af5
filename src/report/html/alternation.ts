import { ALTERNATING_TEXT, alternatingOf, alternatingTable } from '../alternation.js';
import { drawAlternation } from '../charts/alternation.js';
import { seriesOf } from '../charts/series.js';
import type { Results } from '../schema.js';
import { figure, lineLegend } from './figures.js';
import { html, type Markup, table } from './markup.js';

/** Scores by how often the level of a sequence changes, as a chart and a table; nothing where that was not measured. */
export function alternationSection(results: Results): Markup {
  const lines = alternatingOf(results);
  if (lines.length === 0) return html``;
  const shown = seriesOf(results.methods).filter(({ method }) => lines.some((line) => line.method === method));
  const { head, rows } = alternatingTable(results)!;
  return html`<h2>When the level changes</h2>
    <p>${ALTERNATING_TEXT}</p>
    ${lineLegend(shown, ({ method }) => method)} ${figure((width) => drawAlternation(results, lines, width))}
    ${table(
      head,
      rows.map((cells) => ({ cells })),
    )}`;
}
