import { changedShareOf } from '../../select/split-summary.js';
import { formatOverhead, formatPoints, formatScore } from '../format.js';
import { MARKS_TEXT } from '../charts/sensitivity.js';
import { comparedResults } from '../compared.js';
import type { FrameExample } from '../frames.js';
import type { Pictures } from '../frequency.js';
import { headingOf, metricOf } from '../metrics.js';
import { nameOf } from '../rows.js';
import type { Results } from '../schema.js';
import { environmentLines, hasRecovered, subtitleText, summaryText } from '../text.js';
import { alternationSection } from './alternation.js';
import { choiceFigure, curvesFigure, sensitivityFigures, sweepSection } from './figures.js';
import { framesSection } from './frames.js';
import { frequencySection } from './frequency.js';
import { html, markup, type Markup } from './markup.js';
import { partSection } from './parts.js';
import { STYLE } from './style.js';
import {
  adaptorTable,
  classTables,
  intervalTable,
  levelTable,
  memoryTable,
  methodTable,
  rateTable,
  seedSection,
  keptSection,
  trainingTable,
} from './tables.js';

/**
 * The report as one page that needs nothing else: no script, no request, pictures inside it.
 *
 * @param frames example images with their masks; none leaves that section out
 * @param pictures of frequency responses, by their path beside the results
 */
export function renderHtml(all: Results, frames: readonly FrameExample[] = [], pictures: Pictures = new Map()): string {
  const [results, ...others] = comparedResults(all) as [Results, ...Results[]];
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${results.experiment}</title>
        <style>
          ${markup(STYLE)}
        </style>
      </head>
      <body>
        <header>
          <h1>${results.experiment}</h1>
          <p class="subtitle">${subtitleText(results)}</p>
        </header>
        <main>
          <p class="lead">${summaryText(results)}</p>
          ${keyFigures(results)}
          <h2>${headingOf(metricOf(results))} per level</h2>
          ${curvesFigure(results)} ${levelTable(results)} ${recoveredNote(results)}
          <h2>Methods</h2>
          ${methodTable(results)} ${intervalTable(results)} ${seedSection(results)} ${sweepSection(results)}
          ${partSection(results)} ${alternationSection(results)} ${others.map(otherScoreSection)}
          ${framesSection(results, frames)} ${keptSection(results)} ${adaptorSections(results)}
          ${frequencySection(results, pictures)} ${classSection(results)} ${trainingSections(results)}
          <h2>How it was made</h2>
          <dl class="facts">
            ${environmentLines(results).map(
              ([name, value]) =>
                html`<dt>${name}</dt>
                  <dd>${value}</dd>`,
            )}
          </dl>
          <pre>${results.commands.join('\n')}</pre>
        </main>
      </body>
    </html> `;
  return page.text;
}

/** What is said of a score beside the one that networks are compared by. */
function otherScoreSection(results: Results): Markup {
  return html`<h2>${headingOf(metricOf(results))} per level</h2>
    ${curvesFigure(results)} ${levelTable(results)} ${intervalTable(results)} ${seedSection(results)}`;
}

function recoveredNote(results: Results): Markup {
  if (!hasRecovered(results)) return html``;
  return html`<p class="note">
    “recovered” is the share of what switching gains over the original that the adaptor gains too.
  </p>`;
}

/** The paper's own comparison in large digits, of what is there of it. */
function keyFigures(results: Results): Markup {
  const { averages, memory } = results;
  if (!averages) return html``;
  const metric = metricOf(results);
  const figure = (name: string, value: string, note: string): Markup =>
    html`<div>
      <dt>${name}</dt>
      <dd>${value} <small>${note}</small></dd>
    </div>`;
  const scores = ['original', 'adaptor', 'switching'].flatMap((kind) => {
    const name = nameOf(results, kind);
    const mean = name === undefined ? undefined : averages.means[name];
    if (name === undefined || mean === undefined) return [];
    const over = averages.points[name]?.overOriginal;
    const note =
      kind === 'original' || typeof over !== 'number' ? `mean ${metric.label}` : `${formatPoints(over)} points`;
    return [figure(name, formatScore(mean, metric), note)];
  });
  const overhead = memory.find(({ method }) => method === nameOf(results, 'adaptor'))?.overhead;
  const all = overhead === undefined ? [] : [figure('all adaptors', formatOverhead(overhead), 'of the network')];
  return html`<dl class="figures">${[...scores, ...all]}</dl>`;
}

function adaptorSections(results: Results): Markup {
  if (results.splits.length === 0) return html``;
  return html`<h2>Memory</h2>
    ${memoryTable(results)}
    <p class="note">Adaptors for every level, and with the base itself serving the level that it serves best.</p>
    <h2>What each adaptor chose</h2>
    <p>
      Items of the network, from its input on the left to its output on the right, in the parts that they belong to.
    </p>
    ${choiceFigure(results)} ${adaptorTable(results)}
    <p class="note">
      Share of all parameters that full fine-tuning moved by more than 2e-4:
      ${results.splits.map((split) => `${formatOverhead(100 * changedShareOf(split))} at ${split.level}`).join(', ')}.
    </p>
    <h2>Sensitivity</h2>
    <p>
      How far full fine-tuning moves each item on average (Eq. 1), on a logarithmic axis; the knapsack (Eq. 2) chose the
      coloured ones. On each bar ${MARKS_TEXT}.
    </p>
    ${sensitivityFigures(results)}`;
}

function classSection(results: Results): Markup {
  if (!results.rows.some(({ iou }) => iou)) return html``;
  return html`<h2>IoU per class</h2>
    ${classTables(results)}`;
}

function trainingSections(results: Results): Markup {
  const rates =
    results.rates.length === 0
      ? html``
      : html`<h2>Learning rates tried</h2>
          <p>
            ${headingOf(metricOf(results))} on training images that the trials were not trained on. Each level uses the
            best of the nearest level tried.
          </p>
          ${rateTable(results)}`;
  const training =
    results.training.length === 0
      ? html``
      : html`<h2>Fine-tuning</h2>
          ${trainingTable(results)}`;
  return html`${rates}${training}`;
}
