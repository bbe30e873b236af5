import { WIDTHS } from './charts/svg.js';
import { STYLE } from './html/style.js';

/** Baseline of the legend's first line, and what each further line adds. */
const LEGEND = 43;
const LINE = 18;

/**
 * Colours on a light page, by the names that the report's style sheet gives them in its first rule. They are written out, as
 * many programs that show SVG files know no variables.
 */
const LIGHT: ReadonlyMap<string, string> = new Map(
  [.../:root \{[^}]*\}/.exec(STYLE)![0].matchAll(/(--[a-z-]+): (#[0-9a-f]{6})/g)].map(([, name, color]) => [
    name!,
    color!,
  ]),
);

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

/** A wide chart as an SVG file of its own, on white, with a title and a legend. */
export function svgFile({ title, legend, note }: SvgHead, chart: string): string {
  const { marks, lines: used } = drawLegend(legend);
  const lines = note === undefined ? used : used + 1;
  const head = LEGEND + 13 + LINE * (lines - 1);
  const noteText = `<text x="12" y="${LEGEND + LINE * used}" font-size="12" fill="var(--muted)">${escape(note ?? '')}</text>`;
  const height = head + Number(/ height="([\d.]+)"/.exec(chart)![1]);
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTHS.wide} ${height}" width="${WIDTHS.wide}" height="${height}" font-family="sans-serif">`,
    `<rect width="100%" height="100%" fill="var(--paper)"/>`,
    `<text x="12" y="22" font-size="15" fill="var(--ink)">${escape(title)}</text>`,
    ...marks,
    ...(note === undefined ? [] : [noteText]),
    `<g transform="translate(0 ${head})" color="var(--ink)">${chart}</g>`,
    '</svg>\n',
  ].join('\n');
  return svg.replace(/var\((--[a-z-]+)\)/g, (_, name: string) => LIGHT.get(name)!);
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
