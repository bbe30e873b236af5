import { formatCount, formatOverhead, formatScore } from './format.js';
import { METHODS, rowOf, type Results } from './results.js';
import {
  changedShareOf,
  environmentLines,
  groupSizes,
  METHOD_MEANINGS,
  recoveredText,
  residentText,
  subtitleText,
  summaryText,
} from './text.js';

/** The report as Markdown: the table per level with averages, memory, adaptors, learning rates and how it was made. */
export function renderMarkdown(results: Results): string {
  const sections = [
    `# ${results.experiment}`,
    `${subtitleText(results)}.`,
    summaryText(results),
    '## mIoU per level',
    levelTable(results),
    METHODS.map((method) => `- ${method}: ${METHOD_MEANINGS[method]}`).join('\n'),
    '"recovered" is the share of what switching gains over the original that the adaptor gains too.',
    '## Memory',
    memorySection(results),
    ...adaptorSection(results),
    ...rateSection(results),
    '## How it was made',
    environmentLines(results)
      .map(([name, value]) => `- ${name}: ${value}`)
      .join('\n'),
    `\`\`\`sh\n${results.commands.join('\n')}\n\`\`\``,
  ];
  return `${sections.join('\n\n')}\n`;
}

function levelTable(results: Results): string {
  const { levels, averages } = results;
  const clean = rowOf(results, 'original', 'clean');
  const rows = levels.map((level) => [
    level,
    ...METHODS.map((method) => formatScore(rowOf(results, method, level)?.miou)),
    recoveredText(results, level),
  ]);
  if (averages) rows.push(['**mean**', ...METHODS.map((method) => `**${formatScore(averages.miou[method])}**`), '']);
  if (clean) rows.push(['clean', formatScore(clean.miou), '', '', '']);
  return table(['level', ...METHODS, 'recovered'], rows);
}

function memorySection({ memory }: Results): string {
  if (memory.length === 0) return 'No adaptor is trained yet.';
  return table(
    ['method', 'resident', 'parameters', 'overhead'],
    memory.map((row) => [row.method, residentText(row), formatCount(row.parameters), formatOverhead(row.overhead)]),
    2,
  );
}

function adaptorSection({ splits }: Results): string[] {
  if (splits.length === 0) return [];
  const rows = splits.map((split) => {
    const sizes = groupSizes(split);
    const groups = [sizes.statistics, sizes.normalization, sizes.convolution].map(formatCount);
    return [split.level, formatCount(split.size), ...groups, formatOverhead(100 * changedShareOf(split))];
  });
  const head = [
    'level',
    'parameters',
    'running statistics',
    'normalization',
    'convolutions',
    'changed by more than 2e-4',
  ];
  return [
    '## What each adaptor holds',
    table(head, rows),
    'The last column is the share of all parameters that full fine-tuning moved by more than 2e-4.',
  ];
}

function rateSection({ rates, training }: Results): string[] {
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
        const score = trial?.miou === null ? 'diverged' : formatScore(trial?.miou);
        return trial?.chosen ? `**${score}**` : score;
      }),
    ]);
    sections.push(
      '## Learning rates tried',
      'mIoU on training images that the trials were not trained on; the best is used.',
      table(['level', 'method', ...candidates.map(String)], rows, 2),
    );
  }
  if (training.length > 0) {
    const rows = training.map(({ method, level, learningRate, epochs, loss }) => {
      return [level, method, String(learningRate), String(epochs), loss === null ? '–' : loss.toFixed(4)];
    });
    sections.push('## Fine-tuning', table(['level', 'method', 'learning rate', 'epochs', 'last loss'], rows, 2));
  }
  return sections;
}

/** A GitHub table; the first `left` columns are aligned left, the others right. */
function table(head: string[], rows: string[][], left = 1): string {
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i < left ? '---' : '---:'))), ...rows.map(line)].join('\n');
}
