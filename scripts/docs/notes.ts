import { fail } from '../../src/common/errors.js';
import { recovered } from '../../src/report/averages.js';
import { comparedResults } from '../../src/report/compared.js';
import { formatCount, formatOverhead, formatPoints, formatScore, formatShare } from '../../src/report/format.js';
import { gainOver, metricOf } from '../../src/report/metrics.js';
import { nameOf, scoreOf as scoreAt } from '../../src/report/rows.js';
import type { Results } from '../../src/report/schema.js';

/**
 * What hand-written notes of an experiment may say about its results, in double braces, so that no number in them is typed by hand:
 *
 * - `score METHOD LEVEL`: the primary score; LEVEL may be `mean` and `clean`, and `jpeg=10..jpeg=100`, the mean from one level to another
 * - `points METHOD OTHER LEVEL`: METHOD's score over OTHER's in points, with its sign; of another score than the primary one where its name
 *   follows, as in `points adaptor mixed mean bbox.AP`; likewise below
 * - `above METHOD OTHER LEVEL`, `below METHOD OTHER LEVEL`: the same without a sign, refused where it is the other way round
 * - `recovered LEVEL`: the share of what switching gains over the original that the adaptor gains too
 * - `interval METHOD`: the 95% interval of its mean over the adaptor's, in points
 * - `spread METHOD LEVEL`: mean and deviation over seeds
 * - `unseen METHOD LEVEL PART`: the score on a part that nothing was trained on; PART may end in `,agreement`
 * - `gain METHOD LEVEL PART`: what it gains there over the original, in points; `range METHOD LEVEL PART`: the interval of that
 * - `overhead METHOD`: parameters that it adds to the network, in percent
 * - `cell METHOD OTHER LEVEL SCORE`: the 95% interval of METHOD's score over OTHER's at one level, as cells.json beside the results has it
 * - `behind METHOD OTHER POINTS`: at how many of all levels and compared scores METHOD is more than so many points behind OTHER: `2 of 24`
 * - `lowest METHOD`, `highest METHOD`: the learning rate that was chosen, refused where it is not the lowest or highest of those tried
 * - `paper NUMBER`: a number of paper.md beside the notes, refused where it is not there
 * - `at PATH`: any number of results.json, such as `at budget.parameters`
 */
const WORDS: Readonly<Record<string, (results: Results, words: string[], beside: Beside) => string | undefined>> = {
  score: (results, [method, level]) =>
    text(scoreOf(results, method, level), (score) => formatScore(score, metricOf(results))),
  points: (results, words) => text(pointsOf(results, words), formatPoints),
  above: (results, words) => text(pointsOf(results, words), (points) => (points > 0 ? points.toFixed(1) : undefined)),
  below: (results, words) =>
    text(pointsOf(results, words), (points) => (points < 0 ? (-points).toFixed(1) : undefined)),
  recovered: (results, [level]) => {
    const [original, adaptor, switching] = ['original', 'adaptor', 'switching'].map((kind) =>
      scoreOf(results, nameOf(results, kind), level),
    );
    if (original === undefined || adaptor === undefined || switching === undefined) return undefined;
    return text(recovered(original, adaptor, switching, metricOf(results)) ?? undefined, formatShare);
  },
  interval: (results, [method]) => {
    const adaptor = nameOf(results, 'adaptor');
    const found = results.intervals.find(
      (one) => one.method === method && one.score === undefined && one.against === adaptor,
    );
    return found && `${formatPoints(found.low)} to ${formatPoints(found.high)}`;
  },
  spread: ({ seeds, rows }, [method, level]) => {
    const metric = metricOf({ rows });
    const found = seeds?.scores.find(
      (one) => one.score === undefined && one.method === method && (one.level ?? 'mean') === level,
    );
    return found && `${formatScore(found.mean, metric)} ± ${formatScore(found.deviation, metric)}`;
  },
  unseen: (results, [method, level, part]) => {
    const row = partNamed(results, part)?.rows.find((one) => one.method === method && one.level === level);
    return row && formatScore(row.scores[row.primary], metricOf(results));
  },
  gain: (results, words) => text(gainOf(results, words)?.points, formatPoints),
  range: (results, words) => {
    const found = gainOf(results, words);
    return found && `${formatPoints(found.low)} to ${formatPoints(found.high)}`;
  },
  overhead: ({ memory }, [method]) => text(memory.find((row) => row.method === method)?.overhead, formatOverhead),
  cell: (_, [method, against, level, score], { cells = [] }) => {
    const found = cells.find(
      (one) => one.method === method && one.against === against && one.level === level && one.score === score,
    );
    return found && `${formatPoints(found.low)} to ${formatPoints(found.high)}`;
  },
  behind: (results, [method, other, points]) => {
    const all = comparedResults(results).flatMap((own) =>
      (own.averages?.levels ?? []).map((level) => pointsOf(own, [method!, other!, level])!),
    );
    return `${all.filter((gain) => gain < -Number(points)).length} of ${all.length}`;
  },
  lowest: (results, [method]) => rateOf(results, method, Math.min),
  highest: (results, [method]) => rateOf(results, method, Math.max),
  paper: (_, [number = ''], { paper = '' }) => (paper.match(/\d+(?:\.\d+)?/g)?.includes(number) ? number : undefined),
  at: (results, [path]) => text(numberAt(results, path ?? ''), formatNumber),
};

/** What lies beside an experiment's results. */
export interface Beside {
  /** Of cells.json, which scripts/experiments/cells.ts writes. */
  cells?: (Record<'method' | 'against' | 'level' | 'score', string> & Record<'points' | 'low' | 'high', number>)[];
  /** paper.md */
  paper?: string;
}

/**
 * Notes with their numbers put in.
 *
 * @param results as results.json has them; `at` alone works on those of other kinds of experiment
 * @param where the notes' file, for errors
 * @throws E_REPORT_RESULTS for a number that the results do not have, and for digits that were typed
 */
export function fillNotes(notes: string, results: object, where: string, beside: Beside = {}): string {
  const typed = /\d/.exec(withoutNames(notes));
  if (typed) {
    refuse(
      where,
      'numbers as {{score METHOD LEVEL}} and the like, names of levels in backquotes',
      lineAt(notes, typed.index),
    );
  }
  return notes.replace(/\{\{([^}]*)\}\}/g, (whole, inside: string) => {
    const [word = '', ...words] = inside.trim().split(/\s+/);
    const found = Object.hasOwn(WORDS, word) ? WORDS[word]!(results as Results, words, beside) : undefined;
    return found ?? refuse(where, `one of ${Object.keys(WORDS).join(', ')}, of what is in the results`, whole);
  });
}

/** Notes without what may hold digits, of the same length: numbers to put in, code, names of networks and parts of the paper. */
export function withoutNames(notes: string): string {
  const names = [
    /\{\{[^}]*\}\}/g,
    // A number alone is no name, whatever stands around it.
    /`(?![−+-]?[\d.,]+%?`)[^`\n]+`/g,
    /\]\([^)\s]+\)/g,
    /\b(?:Figs?\.|Eq\.|Table|section) \d+[a-z]?(?:\.\d+)*/g,
    /\b[A-Za-z]+(?:-[A-Za-z]+)*[-.]?\d+(?!\.?\d)/g,
  ];
  return names.reduce((rest, name) => rest.replace(name, (match) => ' '.repeat(match.length)), notes);
}

function refuse(where: string, expected: string, got: string): never {
  return fail('E_REPORT_RESULTS', { where, expected, got: `"${got}"` });
}

function lineAt(notes: string, index: number): string {
  return notes.slice(0, index).split('\n').at(-1)! + notes.slice(index).split('\n')[0]!;
}

function text(value: number | undefined, format: (value: number) => string | undefined): string | undefined {
  return value === undefined ? undefined : format(value);
}

type Part = NonNullable<Results['parts']>[number];

/** @param name such as `day` or `day,agreement` */
function partNamed({ parts = [] }: Results, name = ''): Part | undefined {
  const [first, kind] = name.split(',');
  return parts.find(
    (part) => !part.seen && part.name === first && (kind === 'agreement') === (part.agreement === true),
  );
}

function gainOf(results: Results, [method, level, part]: string[]): Part['gains'][number] | undefined {
  return partNamed(results, part)?.gains.find((one) => one.method === method && (one.level ?? 'mean') === level);
}

function scoreOf(results: Results, method: string | undefined, level: string | undefined): number | undefined {
  if (method === undefined || level === undefined) return undefined;
  if (level === 'mean') return results.averages?.means[method];
  const [from, to] = level.split('..').map((end) => results.levels.indexOf(end));
  if (to !== undefined) {
    const scores = from! < 0 ? [] : results.levels.slice(from, to + 1).map((one) => scoreAt(results, method, one));
    const isWhole = scores.length > 0 && scores.every((score) => typeof score === 'number');
    return isWhole ? scores.reduce((sum, score) => sum + score, 0) / scores.length : undefined;
  }
  return scoreAt(results, method, level) ?? undefined;
}

function pointsOf(given: Results, [method, other, level, name]: string[]): number | undefined {
  const results = name === undefined ? given : comparedResults(given).find(({ rows }) => rows[0]!.primary === name);
  if (!results) return undefined;
  const [score, against] = [scoreOf(results, method, level), scoreOf(results, other, level)];
  return score === undefined || against === undefined ? undefined : 100 * gainOver(score, against, metricOf(results));
}

/** The rate that was chosen for a method, where it is the `extreme` of those tried for it. */
function rateOf(
  { rates }: Results,
  method: string | undefined,
  extreme: (...rates: number[]) => number,
): string | undefined {
  const own = rates.filter((one) => one.method === method);
  const chosen = own.find((one) => one.chosen)?.learningRate;
  return chosen === extreme(...own.map(({ learningRate }) => learningRate)) ? String(chosen) : undefined;
}

/** `memory[1].parameters` */
function numberAt(results: unknown, path: string): number | undefined {
  const names = path.split(/[.[\]]+/).filter((name) => name !== '');
  const found = names.reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], results);
  return typeof found === 'number' ? found : undefined;
}

function formatNumber(value: number): string {
  return Number.isInteger(value) ? formatCount(value) : String(Number(value.toPrecision(3)));
}
