import { drawSensitivity, MARKS_TEXT } from './charts/sensitivity.js';
import { WIDTHS } from './charts/svg.js';
import { formatCount, formatOverhead } from './format.js';
import { STYLE } from './html/style.js';
import { GROUPS, type SplitSummary } from './results.js';
import { changedShareOf, GROUP_NAMES } from './text.js';

/** Room above the chart for the title and the legend. */
const HEAD = 76;

/**
 * Colours on a light page, by the names that the report's style sheet gives them in its first rule. They are written out, as
 * many programs that show SVG files know no variables.
 */
const LIGHT: ReadonlyMap<string, string> = new Map(
  [.../:root \{[^}]*\}/.exec(STYLE)![0].matchAll(/(--[a-z]+): (#[0-9a-f]{6})/g)].map(([, name, color]) => [
    name!,
    color!,
  ]),
);

/**
 * Sensitivity of each item at a level as an SVG file of its own, on white; what was chosen is coloured.
 *
 * @source Xie and Kim 2020, Fig. 5
 */
export function sensitivitySvg(split: SplitSummary): string {
  const chart = drawSensitivity(split, 'wide');
  const changed = formatOverhead(100 * changedShareOf(split));
  const height = HEAD + Number(/ height="([\d.]+)"/.exec(chart)![1]);
  const title = `Sensitivity at ${split.level}: ${formatCount(split.size)} parameters chosen, ${changed} of all changed by more than 2e-4`;
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTHS.wide} ${height}" width="${WIDTHS.wide}" height="${height}" font-family="sans-serif">`,
    `<rect width="100%" height="100%" fill="var(--paper)"/>`,
    `<text x="12" y="22" font-size="15" fill="var(--ink)">${escape(title)}</text>`,
    legend(),
    `<g transform="translate(0 ${HEAD})" color="var(--ink)">${chart}</g>`,
    '</svg>\n',
  ].join('\n');
  return svg.replace(/var\((--[a-z]+)\)/g, (_, name: string) => LIGHT.get(name)!);
}

function legend(): string {
  let x = 12;
  const entries = [...GROUPS.map((group) => [group, GROUP_NAMES[group]]), ['rest', 'not chosen']] as [string, string][];
  const marks = `<text x="12" y="63" font-size="12" fill="var(--muted)">${escape(MARKS_TEXT)}</text>`;
  const swatches = entries.map(([color, name]) => {
    const swatch = `<rect x="${x}" y="34" width="10" height="10" fill="var(--${color})"/>`;
    const text = `<text x="${x + 16}" y="43" font-size="12" fill="var(--muted)">${escape(name)}</text>`;
    x += 50 + 6 * name.length;
    return swatch + text;
  });
  return [...swatches, marks].join('\n');
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
