import { ALTERNATING_TEXT, alternatingTable } from './alternation.js';
import { changedShareOf } from '../select/split-summary.js';
import { comparedResults } from './compared.js';
import {
  frequencyGroups,
  FREQUENCY_HEAD,
  frequencyRows,
  frequencyText,
  MAP_KINDS,
  mapFile,
  PICTURES_TEXT,
  type Pictures,
} from './frequency.js';
import { formatCount, formatOverhead, formatScore } from './format.js';
import { intervalTables } from './interval-rows.js';
import { keptTable } from './kept-rows.js';
import { headingOf, metricOf } from './metrics.js';
import { partTables } from './part-tables.js';
import { cleanRowOf, primaryScore, scoreOf } from './rows.js';
import type { Results } from './schema.js';
import { seedTable, seedText } from './seed-rows.js';
import { sweepsOf } from './sweeps.js';
import {
  AVERAGE_HEAD,
  averageText,
  environmentLines,
  hasRecovered,
  methodHead,
  methodRows,
  recoveredText,
  residentText,
  subtitleText,
  summaryText,
} from './text.js';

/** The report as Markdown: the table per level with averages, memory, adaptors, learning rates and how it was made. */
export function renderMarkdown(all: Results, pictures: Pictures = new Map()): string {
  const [results, ...others] = comparedResults(all) as [Results, ...Results[]];
  const sections = [
    `# ${results.experiment}`,
    `${subtitleText(results)}.`,
    summaryText(results),
    `## ${headingOf(metricOf(results))} per level`,
    levelTable(results),
    ...(hasRecovered(results)
      ? ['"recovered" is the share of what switching gains over the original that the adaptor gains too.']
      : []),
    '## Methods',
    table(methodHead(results), methodRows(results), 2),
    ...intervalSection(results),
    ...seedSection(results),
    ...sweepSections(results),
    ...partSections(results),
    ...alternationSection(results),
    ...others.flatMap(otherScoreSections),
    '## Memory',
    memorySection(results),
    ...keptSection(results),
    ...adaptorSection(results),
    ...frequencySection(results, pictures),
    ...rateSection(results),
    '## How it was made',
    environmentLines(results)
      .map(([name, value]) => `- ${name}: ${value}`)
      .join('\n'),
    `\`\`\`sh\n${results.commands.join('\n')}\n\`\`\``,
  ];
  return `${sections.join('\n\n')}\n`;
}

/** A row per level with the score of every method, their means, and the original on clean images. */
export function levelTable(results: Results): string {
  const { levels, averages, methods } = results;
  const metric = metricOf(results);
  const names = methods.map(({ name }) => name);
  const clean = cleanRowOf(results);
  const last = hasRecovered(results) ? [''] : [];
  const rows = levels.map((level) => [
    level,
    ...names.map((name) => formatScore(scoreOf(results, name, level), metric)),
    ...last.map(() => recoveredText(results, level)),
  ]);
  if (averages)
    rows.push(['**mean**', ...names.map((name) => `**${formatScore(averages.means[name], metric)}**`), ...last]);
  if (clean)
    rows.push([
      'clean',
      ...names.map((name) => (name === clean.method ? formatScore(primaryScore(clean), metric) : '')),
      ...last,
    ]);
  return table(['level', ...names, ...last.map(() => 'recovered')], rows);
}

/** What is said of a score beside the one that networks are compared by. */
function otherScoreSections(results: Results): string[] {
  return [
    `## ${headingOf(metricOf(results))} per level`,
    levelTable(results),
    ...intervalSection(results),
    ...seedSection(results).slice(1),
  ];
}

/** Differences of methods with their intervals; nothing without counts per image. */
export function intervalSection(results: Results): string[] {
  return intervalTables(results).flatMap(({ head, rows, text }) => [table(head, rows), text]);
}

/** Scores over seeds; nothing where there is one. */
export function seedSection(results: Results): string[] {
  const seeds = seedTable(results);
  return seeds ? ['## Over seeds', seedText(results), table(seeds.head, seeds.rows)] : [];
}

/** A table per method that stands with several budgets. */
export function sweepSections(results: Results): string[] {
  const metric = metricOf(results);
  return sweepsOf(results).flatMap(({ kind, points }) => [
    `## ${kind} at several budgets`,
    table(
      ['share of the network', 'method', `mean ${metric.label}`],
      points.map(({ method, share, score }) => [formatOverhead(share), method, formatScore(score, metric)]),
      2,
    ),
  ]);
}

function memorySection({ memory }: Results): string {
  if (memory.length === 0) return 'No adaptor is trained yet.';
  return table(
    ['method', 'resident', 'parameters', 'overhead'],
    memory.map((row) => [row.method, residentText(row), formatCount(row.parameters), formatOverhead(row.overhead)]),
    2,
  );
}

function partSections(results: Results): string[] {
  const tables = partTables(results).flatMap(({ heading: title, head, rows, text }) => [
    ...(title === undefined ? [] : [`### ${title}`]),
    table(head, rows),
    text,
  ]);
  return tables.length > 0 ? ['## Seen and unseen', ...tables] : [];
}

function alternationSection(results: Results): string[] {
  const found = alternatingTable(results);
  return found ? ['## When the level changes', table(found.head, found.rows), ALTERNATING_TEXT] : [];
}

function keptSection(results: Results): string[] {
  const kept = keptTable(results);
  return kept ? ['## What serves', table(kept.head, kept.rows, 3), kept.text] : [];
}

function adaptorSection(results: Results): string[] {
  const { splits, choices } = results;
  if (choices.length === 0) return [];
  const rows = choices.map(({ method, level, size, groups }) => [
    level,
    method,
    ...[size, groups.statistics, groups.normalization, groups.convolution].map(formatCount),
  ]);
  const changed = splits.map((split) => `${formatOverhead(100 * changedShareOf(split))} at ${split.level}`);
  return [
    '## What each adaptor holds',
    table(['level', 'method', 'parameters', 'running statistics', 'normalization', 'convolutions'], rows, 2),
    `Share of all parameters that full fine-tuning moved by more than 2e-4: ${changed.join(', ')}.`,
  ];
}

function frequencySection(results: Results, pictures: Pictures): string[] {
  if (results.frequency.length === 0) return [];
  const groups = frequencyGroups(results).flatMap(({ level, input, rows }) => {
    const lines = MAP_KINDS.flatMap((kind) => {
      const files = rows.map((row) => `${mapFile(row, kind)}.png`);
      if (!files.some((file) => pictures.has(file))) return [];
      return [[kind, ...files.map((file) => (pictures.has(file) ? `![${kind}](${urlOf(file)})` : ''))]];
    });
    if (lines.length === 0) return [];
    return [`### ${level}, ${input} images`, table(['', ...rows.map(({ method }) => method)], lines)];
  });
  return [
    '## What the networks look at',
    frequencyText(results),
    table(FREQUENCY_HEAD, frequencyRows(results), 3),
    ...(groups.length > 0 ? [PICTURES_TEXT, ...groups] : []),
  ];
}

/** A path as a link: names of methods may hold a `%`. */
function urlOf(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

function rateSection({ rates, training, rows: scored }: Results): string[] {
  const metric = metricOf({ rows: scored });
  const sections: string[] = [];
  if (rates.length > 0) {
    const candidates = [...new Set(rates.map(({ learningRate }) => learningRate))].sort((a, b) => a - b);
    const pairs = [...new Map(rates.map(({ method, level }) => [`${method} ${level}`, { method, level }])).values()];
    const rows = pairs.map(({ method, level }) => [
      level,
      method,
      ...candidates.map((candidate) => {
        const trial = rates.find(
          (rate) => rate.method === method && rate.level === level && rate.learningRate === candidate,
        );
        const score = trial?.score === null ? 'diverged' : formatScore(trial?.score, metric);
        return trial?.chosen ? `**${score}**` : score;
      }),
    ]);
    sections.push(
      '## Learning rates tried',
      `${headingOf(metric)} on training images that the trials were not trained on; the best is used.`,
      table(['level', 'method', ...candidates.map(String)], rows, 2),
    );
  }
  if (training.length > 0) {
    const averages = training.some(({ average }) => average !== undefined);
    const rows = training.map(({ method, level, learningRate, epochs, loss, average }) => [
      ...[level ?? 'all', method, String(learningRate), String(epochs), loss === null ? '–' : loss.toFixed(4)],
      ...(averages ? [averageText(average)] : []),
    ]);
    const head = ['level', 'method', 'learning rate', 'epochs', 'last loss', ...(averages ? [AVERAGE_HEAD] : [])];
    sections.push('## Fine-tuning', table(head, rows, 2));
  }
  return sections;
}

/** A GitHub table; the first `left` columns are aligned left, the others right. */
export function table(head: string[], rows: string[][], left = 1): string {
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i < left ? '---' : '---:'))), ...rows.map(line)].join('\n');
}
