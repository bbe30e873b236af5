import * as Plot from '@observablehq/plot';
import type { Panel } from './panels.js';

/** Pixels that a letter takes, and that lie between two values at least. */
const LETTER = 7;
const SPACE = 6;
/** Of a chart's width what is not the axis. */
const MARGINS = 44 + 20 + 2 * 12;

/** The horizontal axis of a panel: numbers where they lie, or levels side by side. */
export function levelAxis(
  panel: Panel,
  width: number,
): { scale: Plot.ScaleOptions; mark: Plot.Markish; marginBottom: number } {
  return panel.scale === 'bands' ? sideBySide(panel, width) : ofNumbers(panel, width);
}

function ofNumbers(panel: Panel, width: number): ReturnType<typeof levelAxis> {
  const { name, ends, levels, falling } = panel;
  const [left, right] = ends!;
  const shown = shownTexts(levels as Tick[], panel.scale === 'log', width - MARGINS);
  const all = levels.map(({ at }) => at!);
  return {
    scale: { type: panel.scale as 'linear' | 'log', reverse: falling, inset: 12, label: null },
    mark: Plot.axisX(all, {
      // Not as a format: a logarithmic scale leaves labels out of its own accord.
      text: (at: number) => shown.get(at) ?? '',
      label: `← ${left}    ${name}    ${right} →`,
      labelAnchor: 'center',
      labelArrow: 'none',
    }),
    marginBottom: 44,
  };
}

function sideBySide({ name, levels }: Panel, width: number): ReturnType<typeof levelAxis> {
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

/** A value on an axis, and how it is written. */
export interface Tick {
  at: number;
  text: string;
}

/**
 * The values that there is room to write, from the left; the others have a tick alone.
 *
 * @param ticks in their order on the axis
 * @param width of the axis in pixels
 */
export function shownTexts(ticks: readonly Tick[], isLog: boolean, width: number): Map<number, string> {
  const placeOf = (at: number): number => (isLog ? Math.log(at) : at);
  const first = placeOf(ticks[0]!.at);
  const span = Math.abs(placeOf(ticks.at(-1)!.at) - first) || 1;
  const shown = new Map<number, string>();
  let end = -Infinity;
  for (const { at, text } of ticks) {
    const center = (Math.abs(placeOf(at) - first) / span) * width;
    const half = (LETTER * text.length) / 2;
    if (center - half < end + SPACE) continue;
    shown.set(at, text);
    end = center + half;
  }
  return shown;
}
