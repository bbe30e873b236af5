import * as Plot from '@observablehq/plot';
import type { BandPanel, NumberPanel, Panel } from './panels.js';
import { LETTER, shownTexts } from './ticks.js';

/** Of a chart's width what is not the axis. */
const MARGINS = 44 + 20 + 2 * 12;

/** The horizontal axis of a panel: numbers where they lie, or levels side by side. */
export function levelAxis(
  panel: Panel,
  width: number,
): { scale: Plot.ScaleOptions; mark: Plot.Markish; marginBottom: number } {
  return panel.scale === 'bands' ? sideBySide(panel, width) : ofNumbers(panel, width);
}

function ofNumbers({ name, scale, ends, levels, falling }: NumberPanel, width: number): ReturnType<typeof levelAxis> {
  const [left, right] = ends;
  const shown = shownTexts(levels, scale === 'log', width - MARGINS);
  return {
    scale: { type: scale, reverse: falling, inset: 12, label: null },
    mark: Plot.axisX(
      levels.map(({ at }) => at),
      {
        // Not as a format: a logarithmic scale leaves labels out of its own accord.
        text: (at: number) => shown.get(at) ?? '',
        label: `← ${left}    ${name}    ${right} →`,
        labelAnchor: 'center',
        labelArrow: 'none',
      },
    ),
    marginBottom: 44,
  };
}

function sideBySide({ name, levels }: BandPanel, width: number): ReturnType<typeof levelAxis> {
  const room = (width - MARGINS) / levels.length;
  const longest = Math.max(...levels.map(({ text }) => text.length));
  const isCrowded = LETTER * longest > room;
  const texts = new Map(levels.map(({ level, text }) => [level, text]));
  return {
    scale: { type: 'point', domain: levels.map(({ level }) => level), label: null },
    mark: Plot.axisX({
      tickFormat: (level: string) => texts.get(level)!,
      tickRotate: isCrowded ? -50 : 0,
      label: name,
      labelAnchor: 'center',
      labelArrow: 'none',
    }),
    marginBottom: isCrowded ? 30 + Math.ceil(0.8 * LETTER * longest) : 44,
  };
}
