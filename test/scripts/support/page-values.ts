import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MemoryResults } from '../../../src/report/memory-results.js';
import type { Band } from '../../../src/frequency/bands.js';
import { titleOf } from '../../../src/report/part-tables.js';
import type { Results } from '../../../src/report/schema.js';

/** Lines of an experiment's section. */
export interface Section {
  name: string;
  results: Results | MemoryResults;
}

export function caseOf(section: Section | undefined, heading: string): MemoryResults['cases'][number] | undefined {
  return section && 'cases' in section.results ? section.results.cases.find(({ name }) => name === heading) : undefined;
}

/** Headings of tables of another score than the one that networks are compared by. */
const SCORES: Readonly<Record<string, string>> = { 'Box AP per level': 'bbox.AP' };

/** Results as the tables under a heading have them: each with one score alone. */
function under(heading: string, { name, results }: Section): Section {
  if ('cases' in results) return { name, results };
  const score = SCORES[heading];
  const primary = results.rows[0]!.primary;
  const isOf = (one: { score?: string }): boolean => (one.score ?? primary) === (score ?? primary);
  const intervals = results.intervals.filter(isOf);
  const seeds = results.seeds && { ...results.seeds, scores: results.seeds.scores.filter(isOf) };
  if (score === undefined) return { name, results: { ...results, intervals, seeds } };
  const rows = results.rows.map((row) => ({ ...row, primary: score }));
  const mean = (method: string): number => {
    const own = rows.filter((row) => row.method === method && results.averages!.levels.includes(row.level));
    return own.reduce((sum, { scores }) => sum + scores[score]!, 0) / own.length;
  };
  const means = Object.fromEntries(Object.keys(results.averages!.means).map((method) => [method, mean(method)]));
  return { name, results: { ...results, rows, intervals, seeds, averages: { ...results.averages!, means } } };
}

/** What may stand in a cell: none where the results have nothing for it. */
export function cellValues(section: Section, heading: string, head: string[], row: string, column: string): number[] {
  const { results } = under(heading, section);
  const values = (...list: (number | null | undefined)[]): number[] =>
    list.filter((value) => typeof value === 'number');
  if ('cases' in results) {
    const { counts, overhead, paper } = caseOf(section, heading)!;
    const ways = { adaptors: 'adaptive', switching: 'switching' } as const;
    const way = row in ways ? ways[row as keyof typeof ways] : 'original';
    if (column === 'parameters') return [counts[way]];
    return column === 'overhead' ? [way === 'original' ? 0 : overhead[way]] : values(paper?.[way]);
  }
  const { averages, memory, intervals, seeds } = results;
  const part = results.parts?.find((one) => !one.seen && titleOf(one) === heading);
  if (part) {
    const of = (level: string): number =>
      part.rows.find((one) => one.method === row && one.level === level)?.scores[part.rows[0]!.primary] ?? Number.NaN;
    const levels = column === 'mean' ? averages!.levels : [column];
    const score = levels.reduce((sum, level) => sum + of(level), 0) / levels.length;
    const gain = part.gains.find((one) => one.method === row && (one.level ?? 'mean') === column);
    return values(score, gain?.points, gain?.low, gain?.high);
  }
  if (head[0] === 'experiment') return values(column === 'levels' ? averages?.levels.length : averages?.means[column]);
  if (head[0] === 'networks for') return values(...responseValues(results, row, column));
  if (head[0] === 'level') {
    if (column === 'recovered') return values(recoveredAt(results, row));
    const spread = seeds?.scores.find(({ method, level }) => method === column && (level ?? 'mean') === row);
    const ends = spread && [Math.min(...spread.values), Math.max(...spread.values)];
    return values(scoreAt(results, column, row), spread?.mean, spread?.deviation, ...(ends ?? []));
  }
  const against = head.find((title) => title.startsWith('over '))?.slice('over '.length);
  const isAgainst = (other = 'adaptor'): boolean => !head.includes('95% interval') || other === against;
  const interval = intervals.find((one) => one.method === row && isAgainst(one.against));
  const columns: Record<string, (number | null | undefined)[]> = {
    'share of the network': [shareOf(results, row)],
    'over original': [averages?.points[row]?.overOriginal],
    'over switching': [averages?.points[row]?.overSwitching],
    ...(!head.includes('95% interval') && { 'over control': [averages?.points[row]?.overControl] }),
    'more parameters': [memory.find(({ method }) => method === row)?.overhead],
    '95% interval': [interval?.low, interval?.high],
  };
  if (column.startsWith('mean ')) return values(averages?.means[row]);
  return values(...(columns[column] ?? [column.startsWith('over ') ? interval?.points : undefined]));
}

/** @param row level, images and method of a response */
function responseValues({ frequency }: Results, row: string, column: string): (number | null | undefined)[] {
  const found = frequency.find(({ level, input, method }) => `${level} ${input} ${method}` === row)!;
  if (column === 'mean loss') return [found.loss];
  if (column === 'total') return [found.total];
  const [, share, changed] = /^(?:share (\w+)|(\w+) vs original)$/.exec(column)! as unknown as [string, Band?, Band?];
  return share ? [100 * found.shares[share]] : [100 * (found.change?.[changed!] ?? Number.NaN)];
}

function scoreAt({ rows, averages }: Results, method: string, level: string): number | null | undefined {
  if (level === 'mean') return averages?.means[method];
  return rows.find((row) => row.method === method && row.level === level)?.scores[rows[0]!.primary];
}

/** Mean size of a method's adaptors, in percent of the network. */
function shareOf({ rows, averages }: Results, method: string): number {
  const total = rows.find(({ level }) => level === 'clean')!.parameters;
  const own = rows.filter((row) => row.method === method && averages?.levels.includes(row.level));
  return (100 * own.reduce((sum, { parameters }) => sum + parameters - total, 0)) / own.length / total;
}

function recoveredAt(results: Results, level: string): number {
  const [original, adaptor, switching] = ['original', 'adaptor', 'switching'].map((name) =>
    scoreAt(results, name, level),
  ) as [number, number, number];
  return (100 * (adaptor - original)) / (switching - original);
}

/** What sentences between the tables are made from: percentages, points with a fraction, and counts of what is named next. */
export function sentenceValues({ name, results }: Section, heading: string, text: string, next: string): number[] {
  const percentage = text.endsWith('%');
  const [, noun = ''] = /^[ ,.]*([a-z]*)/.exec(next)!;
  if ('cases' in results) {
    const { classes, levels, width, budget } = caseOf({ name, results }, heading)!;
    if (percentage) return [parseFloat(budget)];
    return [{ classes, levels }[noun] ?? width];
  }
  const { averages, intervals, seeds, memory, levels, data, width, frequency, splits } = results;
  const moved = /^ at `([^`]+)`/.exec(next)?.[1];
  if (percentage && moved !== undefined) return [100 * movedAt(splits, moved)];
  if (percentage) {
    // Each method's first row; the second has an adaptor less.
    return ['adaptor', 'switching'].flatMap((method) => memory.find((row) => row.method === method)?.overhead ?? []);
  }
  if (text.includes('.')) {
    const { overOriginal, overSwitching } = averages?.points['adaptor'] ?? {};
    if (noun === 'points') return [overOriginal ?? 0, overSwitching ?? 0];
    const highest = Math.max(...Object.values(averages?.means ?? {}));
    return [highest, ...(width === 1 ? [] : [width])];
  }
  const counts: Record<string, number[]> = {
    images: [data.validate.samples, ...(next.startsWith(' images of') ? [frequency[0]?.images ?? 0] : [])],
    // The size of measured images: `480x360, clean or distorted`.
    x: [frequency[0]?.width ?? 0],
    clean: [frequency[0]?.height ?? 0],
    level: [levels.length],
    // All of them in `8 levels.` and `3 of 8 levels so far`, those that every method has in `over 3 levels`.
    levels: [/^ levels(\.| so far)/.test(next) ? levels.length : (averages?.levels.length ?? 0)],
    of: [averages?.levels.length ?? 0],
    draws: intervals.map(({ resamples }) => resamples),
    neighbouring: intervals.map(({ block }) => block),
  };
  return counts[noun] ?? seeds?.list ?? [];
}

/** Share of the parameters that a full fine-tune moved. */
function movedAt(splits: Results['splits'], level: string): number {
  const items = splits.find((split) => split.level === level)!.sensitivity;
  const sum = (of: (item: (typeof items)[number]) => number): number => items.reduce((all, item) => all + of(item), 0);
  return sum(({ size, changed }) => size * changed) / sum(({ size }) => size);
}

/** The numbers that notes.md asks for, in its order. */
export function expectedOfNotes(root: string, { name, results }: Section): number[] {
  const notes = readFileSync(join(root, 'experiments', name, 'notes.md'), 'utf8');
  return [...notes.matchAll(/\{\{([^}]*)\}\}/g)].flatMap(([, inside]) => {
    const [word, ...words] = inside!.trim().split(/\s+/) as [string, string, string, string, string?];
    if (word === 'at') {
      const keys = words[0].match(/[^.[\]]+/g)!;
      return [keys.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], results) as number];
    }
    const table = results as Results;
    const over = (level: string, score = table.rows[0]!.primary): number => {
      const [from, to] =
        level === 'mean' ? [table.averages!.levels[0], table.averages!.levels.at(-1)] : level.split('..');
      const span = table.levels.slice(table.levels.indexOf(from!), table.levels.indexOf(to ?? from!) + 1);
      const of = (method: string): number =>
        span.reduce(
          (sum, one) => sum + table.rows.find((row) => row.method === method && row.level === one)!.scores[score]!,
          0,
        );
      return (100 * (of(words[0]) - of(words[1]))) / span.length;
    };
    const points = (): number =>
      words[3] === undefined && !words[2].includes('..')
        ? 100 * (scoreAt(table, words[0], words[2])! - scoreAt(table, words[1], words[2])!)
        : over(words[2], words[3]);
    const cells = (): { method: string; level: string; score: string; low: number; high: number }[] =>
      (JSON.parse(readFileSync(join(root, 'experiments', name, 'cells.json'), 'utf8')) as { cells: never[] }).cells;
    const rate = (): number[] => [table.rates.find((one) => one.method === words[0] && one.chosen)!.learningRate];
    const interval = table.intervals.find(
      ({ method, score, against }) => method === words[0] && score === undefined && against !== 'control',
    );
    const spread = table.seeds?.scores.find(
      (one) => one.score === undefined && one.method === words[0] && (one.level ?? 'mean') === words[1],
    );
    const [partName, kind] = String(words[2]).split(',');
    const part = table.parts?.find(
      (one) => !one.seen && one.name === partName && (kind !== undefined) === !!one.agreement,
    );
    const gain = part?.gains.find((one) => one.method === words[0] && (one.level ?? 'mean') === words[1]);
    const values: Record<string, () => number[]> = {
      unseen: () =>
        part!.rows
          .filter((one) => one.method === words[0] && one.level === words[1])
          .map((one) => one.scores[one.primary]!),
      gain: () => [gain!.points],
      range: () => [gain!.low, gain!.high],
      score: () => [scoreAt(table, words[0], words[1])!],
      points: () => [points()],
      above: () => [points()],
      below: () => [-points()],
      recovered: () => [recoveredAt(table, words[0])],
      interval: () => [interval!.low, interval!.high],
      spread: () => [spread!.mean, spread!.deviation],
      cell: () =>
        cells()
          .filter((one) => one.method === words[0] && one.level === words[2] && one.score === words[3])
          .flatMap(({ low, high }) => [low, high]),
      behind: () => {
        const gains = table.averages!.levels.flatMap((level) => table.compared!.map((score) => over(level, score)));
        return [gains.filter((gain) => gain < -Number(words[2])).length, gains.length];
      },
      lowest: rate,
      highest: rate,
      paper: () => [Number(words[0])],
      overhead: () => [table.memory.find(({ method }) => method === words[0])!.overhead],
    };
    return values[word]!();
  });
}
