import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MemoryResults } from '../../../src/report/memory-results.js';
import { resultsSchema } from '../../../src/report/results.js';
import { caseOf, cellValues, expectedOfNotes, type Section, sentenceValues } from './page-values.js';

/** A number in docs/results.md that is neither the paper's nor part of a name. */
export interface PageNumber {
  line: number;
  column: number;
  text: string;
  /** Whether results.json has it where it stands. */
  founded: boolean;
}

const NUMBER = /[−+-]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[+-]\d+)?%?/g;

/** What holds digits and is no number: code, slices, targets of links, parts of the paper, networks and codecs, and how intervals are told. */
const NAMES = [
  /`(?![−+-]?[\d.,]+%?`)[^`]+`/g,
  /\b\w+(?:\[[a-z]+!?=[\w,-]+\])?\[\d*:\d*\]/g,
  /\]\([^)]+\)/g,
  /\b(?:Fig\.|Eq\.|Table|section) \d+[a-z]?(?:\.\d+)*/g,
  /\b[A-Za-z]+(?:-[A-Za-z]+)*[-.]?\d+(?![\d.]*\d)/g,
  /\b95% interval|\bexcludes 0\b/g,
];

/**
 * Every number of the page with whether the committed results have it, read anew and looked up by where it stands: a cell by its row and
 * column, a number of the notes by what notes.md asks for there, one in a sentence among the few that such sentences are made from.
 */
export function pageNumbers(page: string, root: string): PageNumber[] {
  const found: PageNumber[] = [];
  let section: Section | undefined;
  let heading = '';
  let head: string[] = [];
  let notes: number[] | undefined;
  page.split('\n').forEach((text, line) => {
    const put = (part: string, offset: number, isFounded: (text: string, next: string) => boolean): void => {
      for (const match of numbersIn(part)) {
        const column = offset + match.index!;
        found.push({
          line,
          column,
          text: match[0],
          founded: isFounded(match[0], part.slice(match.index! + match[0].length)),
        });
      }
    };
    if (text.startsWith('> ') || text.startsWith('![')) return;
    if (text.startsWith('## ')) {
      [section, heading] = [undefined, text];
      return;
    }
    const name = /\.\.\/experiments\/([\w.-]+)\//.exec(text)?.[1];
    if (name !== undefined && section === undefined) {
      section = existsSync(join(root, 'experiments', name, 'results.json')) ? openSection(root, name) : undefined;
      return;
    }
    if (text === '<!-- notes -->') notes = expectedOfNotes(root, section!);
    else if (text === '<!-- end of notes -->') notes = undefined;
    if (text.startsWith('<!--')) return;
    if (text.startsWith('### ')) {
      heading = text.slice('### '.length);
      if (caseOf(section, heading)) return;
    }
    if (!text.startsWith('|')) head = [];
    else if (head.length === 0) head = cellsOf(text).map(({ text: title }) => title);
    else if (!text.startsWith('| ---')) {
      const cells = cellsOf(text);
      // A row goes by the name in its first cell; where that is a size, by the one in its second; a response by three.
      const named = { 'share of the network': [1], 'networks for': [0, 1, 2] }[head[0]!] ?? [0];
      const row = named.map((i) => cells[i]!.text).join(' ');
      cells.forEach((cell, i) => {
        if (named.includes(i)) return;
        // A row of the overview is of the experiment in its second cell.
        const own = head[0] === 'experiment' ? openSection(root, cells[1]!.text.replaceAll('`', '')) : section!;
        const values = cellValues(own, heading, head, row, head[i]!);
        // Of several in one cell, `0.0 to +0.5` or `0.420 ± 0.014 (0.410 to 0.430)`, each counts in its own place.
        let left = / (?:to|±) /.test(cell.text) ? numbersIn(cell.text).length : 0;
        put(cell.text, cell.offset, (number) => {
          const allowed = left > 0 ? values.slice(values.length - left, values.length - --left) : values.slice(0, 1);
          return allowed.some((value) => agrees(number, value));
        });
      });
    }
    if (text.startsWith('|')) return;
    put(text, 0, (number, next) => {
      if (notes) return agrees(number, notes.shift() ?? Number.NaN);
      return (
        section !== undefined &&
        sentenceValues(section, heading, number, next).some((value) => agrees(number, value, 'unsigned'))
      );
    });
  });
  return found;
}

function numbersIn(text: string): RegExpMatchArray[] {
  const rest = NAMES.reduce((left, name) => left.replace(name, (match) => ' '.repeat(match.length)), text);
  return [...rest.matchAll(NUMBER)];
}

/** Whether a value rounds to a number as it is written. */
function agrees(text: string, value: number, sign: 'signed' | 'unsigned' = 'signed'): boolean {
  const plain = text.replace(/[,%]|^\+/g, '').replace('−', '-');
  const [mantissa, exponent = '0'] = plain.split('e') as [string, string?];
  const decimals = mantissa.split('.')[1]?.length ?? 0;
  const wanted = sign === 'signed' ? value : Math.abs(value);
  const unit = 10 ** (Number(exponent) - decimals);
  return Math.abs(Number(plain) - wanted) <= 0.5 * unit + 1e-9 * Math.min(1, unit);
}

/** Read once, as tests look at many changed pages of the same results. */
const opened = new Map<string, Section>();

function openSection(root: string, name: string): Section {
  const path = join(root, 'experiments', name, 'results.json');
  const known = opened.get(path);
  if (known) return known;
  const raw = JSON.parse(readFileSync(path, 'utf8')) as { kind?: string };
  const section = { name, results: raw.kind === undefined ? resultsSchema.parse(raw) : (raw as MemoryResults) };
  opened.set(path, section);
  return section;
}

function cellsOf(line: string): { text: string; offset: number }[] {
  const cells: { text: string; offset: number }[] = [];
  let offset = 1;
  for (const cell of line.slice(1, -1).split('|')) {
    cells.push({ text: cell.replaceAll('*', ' ').trim(), offset: offset + cell.search(/[^ *]|$/) });
    offset += cell.length + 1;
  }
  return cells;
}
