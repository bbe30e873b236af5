import { GROUPS } from '../../select/split-summary.js';
import { drawChoice } from '../charts/choice.js';
import { drawCurves, MOST_COLUMNS } from '../charts/curves.js';
import { drawSensitivity } from '../charts/sensitivity.js';
import { drawSweeps } from '../charts/sweep.js';
import type { Width } from '../charts/svg.js';
import { seriesOf, type Series } from '../charts/series.js';
import { metricOf } from '../metrics.js';
import type { Results } from '../schema.js';
import { sweepsOf } from '../sweeps.js';
import { GROUP_NAMES, methodText } from '../text.js';
import { html, markup, type Markup } from './markup.js';

/** Score over the strength of each kind of distortion, a curve per method. */
export function curvesFigure(results: Results): Markup {
  const descriptions = new Map(results.methods.map((method) => [method.name, methodText(method)]));
  const text = ({ method }: Series): string => `${method}: ${descriptions.get(method)!}`;
  return html`${lineLegend(seriesOf(results.methods), text)} ${panels((width) => drawCurves(results, width))}`;
}

/** What the curves of a chart stand for. */
export function lineLegend(series: readonly Series[], text: (series: Series) => string): Markup {
  const entries = series.map(
    (own) =>
      html`<li>
        <svg width="24" height="8" aria-hidden="true">
          <line
            x1="0"
            x2="24"
            y1="4"
            y2="4"
            stroke="${own.color}"
            stroke-width="3"
            stroke-dasharray="${own.dash || 'none'}"
          />
        </svg>
        ${text(own)}
      </li>`,
  );
  return html`<ul class="legend">
    ${entries}
  </ul>`;
}

/** Mean score over the size of adaptors, where a method stands with several budgets. */
export function sweepSection(results: Results): Markup {
  const sweeps = sweepsOf(results);
  if (sweeps.length === 0) return html``;
  const { label } = metricOf(results);
  return html`<h2>${label} over the size of adaptors</h2>
    <p>Mean ${label} of ${sweeps.map(({ kind }) => kind).join(', ')} at several budgets; dashed what others reach.</p>
    ${figure((width) => drawSweeps(results, sweeps, width))}`;
}

/** Which items each adaptor holds. */
export function choiceFigure({ splits }: Results): Markup {
  return html`${groupLegend('faint', 'left to the base')}${figure((width) => drawChoice(splits, width))}`;
}

/** Sensitivity of every item, a chart per level: the first open, the others folded. */
export function sensitivityFigures({ splits }: Results): Markup {
  return html`${groupLegend('rest', 'not chosen')}${splits.map(
    (split, i) =>
      html`<details ${markup(i === 0 ? 'open' : '')}>
        <summary>${split.level}</summary>
        ${figure((width) => drawSensitivity(split, width))}
      </details>`,
  )}`;
}

/** The chart for a desk and the one for a phone; the style sheet shows one of them. */
export function figure(draw: (width: Width) => string): Markup {
  return html`<figure class="wide">${markup(draw('wide'))}</figure>
    <figure class="narrow">${markup(draw('narrow'))}</figure>`;
}

/** Several charts, beside each other on a desk and below each other on a phone. */
function panels(draw: (width: Width) => string[]): Markup {
  const wide = draw('wide');
  const columns = Math.min(wide.length, MOST_COLUMNS);
  return html`<figure class="panels wide" style="grid-template-columns: repeat(${columns}, 1fr)">
      ${wide.map(markup)}
    </figure>
    <figure class="panels narrow">${draw('narrow').map(markup)}</figure>`;
}

function groupLegend(color: string, rest: string): Markup {
  return legend([...GROUPS.map((group): [string, string] => [group, GROUP_NAMES[group]]), [color, rest]]);
}

/** @param entries name of the colour, and what it stands for */
function legend(entries: [string, string][]): Markup {
  return html`<ul class="legend">
    ${entries.map(([color, text]) => html`<li><i style="background: var(--${color})"></i>${text}</li>`)}
  </ul>`;
}
