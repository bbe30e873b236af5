import { writeTo } from './streams.js';

/** One line of a result that is printed and nowhere else, on stdout: where it cannot be written, the command has failed. */
export function stdout(text: string): void {
  writeTo('out', `${text}\n`, 'result');
}

/** One line on stdout about a result that lies elsewhere: where it cannot be written, the command has done its work all the same. */
export function summary(text: string): void {
  writeTo('out', `${text}\n`, 'message');
}

/** One line for the person watching (a warning, a hint), on stderr, so that stdout stays parsable. */
export function stderr(text: string): void {
  writeTo('err', `${text}\n`, 'message');
}

/** A value as indented JSON on stdout; NaN and infinities become null, as JSON has none. */
export function printJson(value: unknown): void {
  stdout(JSON.stringify(value, null, 2));
}

export type Cell = string | number | null | undefined;

export interface TableOptions {
  /** Column titles; left out, the table has no heading. */
  head?: string[];
  /** Alignment per column. Default: `left` for the first and `right` for the others. */
  align?: ('left' | 'right')[];
}

/** Rows in aligned columns, two spaces apart, on stdout, by {@link summary} where that is said. Empty cells print as `-`. */
export function printTable(rows: Cell[][], options: TableOptions = {}, print = stdout): void {
  print(formatTable(rows, options));
}

/** The text of {@link printTable}: no trailing spaces, no final newline. */
export function formatTable(rows: Cell[][], { head, align = [] }: TableOptions = {}): string {
  const lines = [...(head ? [head] : []), ...rows].map((row) => row.map((cell) => String(cell ?? '-')));
  const widths: number[] = [];
  for (const line of lines) line.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
  const text = lines.map((line) =>
    line
      .map((cell, i) => {
        const side = align[i] ?? (i === 0 ? 'left' : 'right');
        return side === 'left' ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!);
      })
      .join('  ')
      .trimEnd(),
  );
  if (head && text.length > 0) text[0] = paint('bold', text[0]!);
  return text.join('\n');
}

const STYLES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39] } as const;

/** Text in a style where stdout is a terminal that wants colours (https://no-color.org), otherwise as it is. */
export function paint(style: keyof typeof STYLES, text: string): string {
  const wanted = process.stdout.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
  const [on, off] = STYLES[style];
  return wanted ? `\u001b[${on}m${text}\u001b[${off}m` : text;
}
