import { z } from 'zod';
import { readJsonFile } from '../common/json-file.js';
import { formatCount, formatOverhead } from './format.js';
import { FORMAT, VERSION } from './schema.js';

const count = z.int().positive();

/** Values in memory to serve a number of levels, by the ways to serve them. */
export const memoryCountsSchema = z.strictObject({
  original: count.describe('one network'),
  adaptive: count.describe('the network and an adaptor for every level but one'),
  switching: count.describe('a network for every level'),
});

const caseSchema = z.strictObject({
  name: z.string().min(1),
  model: z.string(),
  width: z.number().positive(),
  classes: count,
  budget: z.string(),
  levels: count,
  counts: memoryCountsSchema,
  /** Over the original network, in percent. */
  overhead: z.strictObject({ adaptive: z.number(), switching: z.number() }),
  /** What the paper has, as the config says. */
  paper: memoryCountsSchema.optional(),
});

/** `results.json` of an experiment of kind `memory`; docs/formats.md explains it field by field. */
const memoryResultsSchema = z.strictObject({
  /** Files from before there was a version have neither. */
  format: z.literal(FORMAT).default(FORMAT),
  version: z.literal(VERSION).default(VERSION),
  experiment: z.string().min(1),
  kind: z.literal('memory'),
  cases: z.array(caseSchema).min(1),
  environment: z.strictObject({ gearnn: z.string() }),
  /** What makes these results again. */
  commands: z.array(z.string()),
});

export type MemoryResults = z.infer<typeof memoryResultsSchema>;
export type MemoryCase = MemoryResults['cases'][number];

/** @throws E_REPORT_RESULTS if the file is missing or not one, naming the field that is wrong */
export function readMemoryResults(path: string): Promise<MemoryResults> {
  return readJsonFile(path, memoryResultsSchema, {
    code: 'E_REPORT_RESULTS',
    expected: 'the results.json of an experiment of kind "memory"',
    todo: 'Write one with gearnn run CONFIG.',
  });
}

const WAYS = [
  ['adaptive', 'adaptors'],
  ['original', 'original, mixed or stability training'],
  ['switching', 'switching'],
] as const;

/** Head and rows of a case's table, in the paper's order; the last column is there where the config has the paper's counts. */
export function memoryCaseTable({ counts, overhead, paper }: MemoryCase): { head: string[]; rows: string[][] } {
  const head = ['method', 'parameters', 'overhead', ...(paper ? ['in the paper'] : [])];
  const rows = WAYS.map(([way, text]) => [
    text,
    formatCount(counts[way]),
    way === 'original' ? formatOverhead(0) : formatOverhead(overhead[way]),
    ...(paper ? [formatCount(paper[way])] : []),
  ]);
  return { head, rows };
}

/** `drn-d-22, 19 classes, adaptors of 0.2%, 10 levels` */
export function memoryCaseText({ model, width, classes, budget, levels }: MemoryCase): string {
  const size = width === 1 ? '' : ` at width ${width}`;
  return `${model}${size}, ${classes} classes, adaptors of ${budget}, ${levels} levels`;
}

/** Whether the counts are the paper's to the last digit, in a sentence; empty where there is nothing to compare with. */
export function memoryVerdict(cases: readonly MemoryCase[]): string {
  const compared = cases.filter(({ paper }) => paper);
  if (compared.length === 0) return '';
  const other = compared.flatMap(({ name, counts, paper }) =>
    WAYS.filter(([way]) => counts[way] !== paper![way]).map(([, text]) => `${text} (${name})`),
  );
  return other.length === 0
    ? 'Every count is the paper’s to the last digit.'
    : `Not the paper’s count: ${other.join(', ')}.`;
}

/** The report as Markdown. */
export function renderMemoryMarkdown({ experiment, cases, environment, commands }: MemoryResults): string {
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;
  const sections = cases.flatMap((own) => {
    const { head, rows } = memoryCaseTable(own);
    const table = [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)];
    return [`## ${own.name}`, `${memoryCaseText(own)}.`, table.join('\n')];
  });
  const verdict = memoryVerdict(cases);
  return `${[
    `# ${experiment}`,
    'Values in memory to serve so many levels, running statistics included. One level is served by the network itself.',
    ...(verdict ? [verdict] : []),
    ...sections,
    '## How it was made',
    `- gearnn: ${environment.gearnn}`,
    `\`\`\`sh\n${commands.join('\n')}\n\`\`\``,
  ].join('\n\n')}\n`;
}
