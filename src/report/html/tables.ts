import { formatCount, formatOverhead, formatScore } from '../format.js';
import { intervalTables } from '../interval-rows.js';
import { keptTable } from '../kept-rows.js';
import { metricInfo, metricOf } from '../metrics.js';
import { cleanRowOf, primaryScore, rowOf, scoreOf } from '../rows.js';
import type { Results } from '../schema.js';
import { seedTable, seedText } from '../seed-rows.js';
import {
  AVERAGE_HEAD,
  averageText,
  hasRecovered,
  methodHead,
  methodRows,
  recoveredText,
  residentText,
} from '../text.js';
import { html, type Markup, table } from './markup.js';

/** A row per level with the score of every method, then their means and the original on clean images. */
export function levelTable(results: Results): Markup {
  const { averages, methods } = results;
  const metric = metricOf(results);
  const names = methods.map(({ name }) => name);
  const last = hasRecovered(results) ? [''] : [];
  const rows: Parameters<typeof table>[1] = results.levels.map((level) => ({
    cells: [
      level,
      ...names.map((name) => formatScore(scoreOf(results, name, level), metric)),
      ...last.map(() => recoveredText(results, level)),
    ],
  }));
  const clean = cleanRowOf(results);
  if (averages) {
    rows.push({
      mark: 'mean',
      cells: ['mean', ...names.map((name) => formatScore(averages.means[name], metric)), ...last],
    });
  }
  if (clean) {
    const cells = names.map((name) => (name === clean.method ? formatScore(primaryScore(clean), metric) : ''));
    rows.push({ mark: 'aside', cells: ['clean', ...cells, ...last] });
  }
  return table(['level', ...names, ...last.map(() => 'recovered')], rows);
}

/** A row per method: what it is, its mean and what that is over others, what it keeps. */
export function methodTable(results: Results): Markup {
  return table(
    methodHead(results),
    methodRows(results).map((cells) => ({ cells })),
    { left: 2, mark: 'methods' },
  );
}

/** Which differences are more than chance; nothing without counts per image. */
export function intervalTable(results: Results): Markup {
  return html`${intervalTables(results).map(
    ({ head, rows, text }) =>
      html`${table(
          head,
          rows.map((cells) => ({ cells })),
        )}
        <p class="note">${text}</p>`,
  )}`;
}

/** How far scores depend on the seed; nothing where there is one. */
export function seedSection(results: Results): Markup {
  const seeds = seedTable(results);
  if (!seeds) return html``;
  return html`<h2>Over seeds</h2>
    <p>${seedText(results)}</p>
    ${table(
      seeds.head,
      seeds.rows.map((cells) => (cells[0] === 'mean' ? { mark: 'mean', cells } : { cells })),
    )}`;
}

/** The paper's Table 1. */
export function memoryTable({ memory }: Results): Markup {
  return table(
    ['method', 'resident', 'parameters', 'overhead'],
    memory.map((row) => ({
      cells: [row.method, residentText(row), formatCount(row.parameters), formatOverhead(row.overhead)],
    })),
    { left: 2 },
  );
}

/** Parameters of each adaptor by what they are. */
export function adaptorTable({ choices }: Results): Markup {
  return table(
    ['level', 'method', 'items', 'parameters', 'running statistics', 'normalization', 'convolutions'],
    choices.map(({ level, method, items, size, groups }) => {
      const sizes = [size, groups.statistics, groups.normalization, groups.convolution].map(formatCount);
      return { cells: [level, method, items.length, ...sizes] };
    }),
    { left: 2 },
  );
}

/** IoU of each class at each level, a folded table per method that segments. */
export function classTables(results: Results): Markup {
  const { classes, levels, methods } = results;
  return html`${methods.map(({ name: method }) => {
    const columns = levels.flatMap((level) => {
      const { iou, scores } = rowOf(results, method, level) ?? {};
      return iou && scores ? [{ level, iou, scores }] : [];
    });
    if (columns.length === 0) return '';
    const rows = classes.map(({ name }, id) => ({
      cells: [name, ...columns.map(({ iou }) => formatScore(iou[id], metricInfo('miou')))],
    }));
    const { label, ...digits } = metricInfo('pixelAccuracy');
    rows.push({ cells: [label, ...columns.map(({ scores }) => formatScore(scores['pixelAccuracy'], digits))] });
    return html`<details>
      <summary>${method}</summary>
      ${table(['class', ...columns.map(({ level }) => level)], rows)}
    </details>`;
  })}`;
}

/** The score of every learning rate that was tried; the chosen ones stand out. */
export function rateTable({ rates, rows }: Results): Markup {
  const metric = metricOf({ rows });
  const candidates = [...new Set(rates.map(({ learningRate }) => learningRate))].sort((a, b) => a - b);
  const runs = [...new Map(rates.map((rate) => [`${rate.level} ${rate.method}`, rate])).values()];
  return table(
    ['level', 'method', ...candidates.map(String)],
    runs.map(({ level, method }) => ({
      cells: [
        level,
        method,
        ...candidates.map((candidate) => {
          const trial = rates.find(
            (rate) => rate.method === method && rate.level === level && rate.learningRate === candidate,
          );
          if (!trial) return '–';
          const score = trial.score === null ? 'diverged' : formatScore(trial.score, metric);
          return trial.chosen ? html`<b class="best">${score}</b>` : score;
        }),
      ],
    })),
    { left: 2 },
  );
}

/** How each fine-tuning went. */
export function trainingTable({ training }: Results): Markup {
  const averages = training.some(({ average }) => average !== undefined);
  const last = averages ? [AVERAGE_HEAD] : [];
  return table(
    ['level', 'method', 'learning rate', 'epochs', 'last loss', 'minutes', ...last],
    training.map(({ level, method, learningRate, epochs, loss, seconds, average }) => ({
      cells: [
        level ?? 'all',
        method,
        learningRate,
        epochs,
        loss === null ? '–' : loss.toFixed(4),
        (seconds / 60).toFixed(1),
        ...last.map(() => averageText(average)),
      ],
    })),
    { left: 2 },
  );
}

/** What serves each level of methods whose adaptors have to win first; nothing where there are none. */
export function keptSection(results: Results): Markup {
  const kept = keptTable(results);
  if (!kept) return html``;
  return html`<h2>What serves</h2>
    ${table(
      kept.head,
      kept.rows.map((cells) => ({ cells })),
      { left: 3 },
    )}
    <p class="note">${kept.text}</p>`;
}
