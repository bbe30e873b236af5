import { WIDTHS } from './charts/svg.js';
import { COLORS, colorOf, type ColorName } from './colors.js';

/** Baseline of the legend's first line, and what each further line adds. */
const LEGEND = 43;
const LINE = 18;
/** Between charts beside and below each other. */
const GAP = 16;

/** What a colour stands for. */
export interface LegendEntry {
  /** As in the style sheet: `var(--adaptor)`. */
  color: string;
  text: string;
  /** Lengths of dashes and gaps, for a line instead of a square; empty for a whole line. */
  dash?: string;
}

/** What stands above a chart in a file of its own. */
export interface SvgHead {
  title: string;
  legend: readonly LegendEntry[];
  /** A line below the legend. */
  note?: string;
}

/** Charts as an SVG file of its own with a title and a legend, light or dark by the reader's setting. */
export function svgFile({ title, legend, note }: SvgHead, charts: readonly string[]): string {
  const { marks, lines: used } = drawLegend(legend);
  const lines = note === undefined ? used : used + 1;
  const head = LEGEND + 13 + LINE * (lines - 1);
  const noteText = `<text x="12" y="${LEGEND + LINE * used}" font-size="12" fill="var(--muted)">${escape(note ?? '')}</text>`;
  const { placed, height: below } = placeCharts(charts, head);
  const height = head + below + 8;
  const body = [
    `<rect width="100%" height="100%" fill="var(--paper)"/>`,
    `<text x="12" y="22" font-size="15" fill="var(--ink)">${escape(title)}</text>`,
    ...marks,
    ...(note === undefined ? [] : [noteText]),
    ...placed,
  ].join('\n');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTHS.wide} ${height}" width="${WIDTHS.wide}" height="${height}" font-family="sans-serif">`,
    `<style>@media (prefers-color-scheme: dark) { ${darkRules(body)} }</style>`,
    body.replace(/var\(--([a-z-]+)\)/g, (_, name: string) => colorOf(name as ColorName, 'light')),
    '</svg>\n',
  ].join('\n');
}

/** Charts from left to right, in as many rows as it takes. */
function placeCharts(charts: readonly string[], top: number): { placed: string[]; height: number } {
  let [x, y, bottom] = [0, 0, 0];
  const placed = charts.map((chart) => {
    const [width, height] = [sizeOf(chart, 'width'), sizeOf(chart, 'height')];
    if (x > 0 && x + width > WIDTHS.wide) [x, y] = [0, bottom + GAP];
    const group = `<g transform="translate(${x} ${top + y})" color="var(--ink)">${chart}</g>`;
    bottom = Math.max(bottom, y + height);
    x += width + GAP;
    return group;
  });
  return { placed, height: bottom };
}

function sizeOf(chart: string, side: 'width' | 'height'): number {
  return Number(new RegExp(` ${side}="([\\d.]+)"`).exec(chart)![1]);
}

/**
 * Rules that turn the light colours which a drawing uses into the dark ones. Colours are written out where they are used and not as
 * variables, which many programs that show SVG files do not know.
 */
function darkRules(drawing: string): string {
  const uses = new Set([...drawing.matchAll(/ (fill|stroke|color)="var\(--([a-z-]+)\)"/g)].map(([use]) => use));
  const rules = [...uses].map((use) => {
    const [, attribute, name] = /^ (\w+)="var\(--([a-z-]+)\)"$/.exec(use)! as unknown as [string, string, ColorName];
    return `[${attribute}="${COLORS[name][0]}"] { ${attribute}: ${COLORS[name][1]} }`;
  });
  return [...new Set(rules)].join(' ');
}

function drawLegend(entries: readonly LegendEntry[]): { marks: string[]; lines: number } {
  let [x, y, lines] = [12, LEGEND, 1];
  const marks = entries.map(({ color, text, dash }) => {
    const width = 50 + 6 * text.length;
    if (x > 12 && x + 24 + 7 * text.length > WIDTHS.wide) [x, y, lines] = [12, y + LINE, lines + 1];
    const mark =
      dash === undefined
        ? `<rect x="${x}" y="${y - 9}" width="10" height="10" fill="${color}"/>`
        : `<line x1="${x - 8}" x2="${x + 12}" y1="${y - 4}" y2="${y - 4}" stroke="${color}" stroke-width="2"${dash && ` stroke-dasharray="${dash}"`}/>`;
    const label = `<text x="${x + 16}" y="${y}" font-size="12" fill="var(--muted)">${escape(text)}</text>`;
    x += width;
    return mark + label;
  });
  return { marks, lines };
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
