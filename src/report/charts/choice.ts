import * as Plot from '@observablehq/plot';
import { formatCount } from '../format.js';
import type { SplitSummary } from '../../select/split-summary.js';
import { blockMarks } from './blocks.js';
import { drawSvg, INK, type Width, WIDTHS } from './svg.js';

/** Which items each level's adaptor took: a row per level, a column per item in the network's order. */
export function drawChoice(splits: readonly SplitSummary[], width: Width): string {
  const names = splits[0]!.sensitivity.map(({ name }) => name);
  const cells = splits.flatMap(({ level, items, sensitivity }) => {
    const chosen = new Set(items);
    return sensitivity.map((item, index) => ({ ...item, level, index, chosen: chosen.has(item.name) }));
  });
  type Cell = (typeof cells)[number];
  const describe = ({ name, level, size, chosen }: Cell): string =>
    `${name} at ${level}: ${chosen ? 'adapted' : 'as in the base'}, ${formatCount(size)} parameters`;
  return drawSvg('items that each adaptor holds', {
    width: WIDTHS[width],
    height: 40 + splits.length * (width === 'wide' ? 20 : 16),
    marginLeft: 12 + 7 * Math.max(...splits.map(({ level }) => level.length)),
    marginBottom: 34,
    marginTop: 6,
    x: { label: 'part of the network', domain: [0, names.length], ticks: [] },
    y: { type: 'band', domain: splits.map(({ level }) => level), label: null, padding: 0.15, tickSize: 0 },
    marks: [
      ...blockMarks(names, width),
      Plot.barX(cells, {
        x1: ({ index }: Cell) => index + 0.1,
        x2: ({ index }: Cell) => index + 0.9,
        y: 'level',
        fill: ({ chosen, group }: Cell) => (chosen ? INK[group] : INK.faint),
        // A finger finds no bar of three pixels, so a phone's chart goes without.
        title: width === 'wide' ? describe : undefined,
      }),
    ],
  });
}
