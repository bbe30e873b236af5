import type * as Plot from '@observablehq/plot';
import type { MetricInfo } from '../metrics.js';

/** Pixels that a letter takes, and that lie between two values at least. */
export const LETTER = 7;
const SPACE = 6;

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

/** An axis of scores. */
export function scoreAxis({ label, percent }: MetricInfo): Plot.ScaleOptions {
  const format = (score: number): string => `${Number((100 * score).toFixed(1))}%`;
  return { label, grid: true, nice: true, ticks: 6, ...(percent && { tickFormat: format }) };
}
