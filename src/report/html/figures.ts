import { drawChoice } from '../charts/choice.js';
import { drawCurves } from '../charts/curves.js';
import { drawSensitivity } from '../charts/sensitivity.js';
import type { Width } from '../charts/svg.js';
import { GROUPS, METHODS, type Results } from '../results.js';
import { GROUP_NAMES, METHOD_MEANINGS } from '../text.js';
import { html, markup, type Markup } from './markup.js';

/** mIoU per level, a curve per method. */
export function curvesFigure(results: Results): Markup {
  const entries = METHODS.map((method): [string, string] => [method, `${method}: ${METHOD_MEANINGS[method]}`]);
  return html`${legend(entries)}${figure((width) => drawCurves(results, width))}`;
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
function figure(draw: (width: Width) => string): Markup {
  return html`<figure class="wide">${markup(draw('wide'))}</figure>
    <figure class="narrow">${markup(draw('narrow'))}</figure>`;
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
