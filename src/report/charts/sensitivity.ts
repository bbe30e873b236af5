import * as Plot from '@observablehq/plot';
import { formatCount } from '../format.js';
import type { SplitSummary } from '../../select/split-summary.js';
import { blockMarks } from './blocks.js';
import { drawSvg, INK, type Width, WIDTHS } from './svg.js';

/** Sensitivities that are smaller than this share of the largest of weights and biases are drawn as nothing. */
const RANGE = 1e-5;

/** How the chart tells weights from biases, for legends; items that are whole layers have no mark. */
export const MARKS_TEXT = 'a dot on top: weights, a ring: biases, neither: running statistics';

/** What an item that is one tensor is; undefined for running statistics and whole layers. */
function kindOf(name: string): 'weight' | 'bias' | undefined {
  return name.endsWith('.weight') ? 'weight' : name.endsWith('.bias') ? 'bias' : undefined;
}

/**
 * Mean change of each item by full fine-tuning at one level, in the network's order; what the adaptor took is coloured.
 *
 * @source Xie and Kim 2020, Fig. 5, on a logarithmic axis, as running variances move far more than any weight
 */
export function drawSensitivity({ level, items, sensitivity }: SplitSummary, width: Width): string {
  const chosen = new Set(items);
  const largest = Math.max(...sensitivity.map(({ value }) => value), Number.MIN_VALUE);
  // Running variances move thousands of times as far as any weight, which would hide the weights.
  const trained = sensitivity.filter(({ group }) => group !== 'statistics').map(({ value }) => value);
  const least = (Math.max(...trained, 0) || largest) * RANGE;
  const shown = sensitivity.map(({ value }) => value).filter((value) => value > least);
  // A little below the smallest, so that it is still seen as a bar.
  const floor = Math.min(...shown, largest) / 2;
  const bars = sensitivity.map((item, index) => ({ ...item, index })).filter(({ value }) => value > floor);
  type Bar = (typeof bars)[number];
  const describe = ({ name, value, size }: Bar): string =>
    `${name}: ${value.toExponential(2)}, ${formatCount(size)} parameters${chosen.has(name) ? ', chosen' : ''}`;
  const inkOf = ({ name, group }: Bar): string => (chosen.has(name) ? INK[group] : INK.rest);
  return drawSvg(`sensitivity of each item at ${level}`, {
    width: WIDTHS[width],
    height: width === 'wide' ? 220 : 200,
    marginLeft: 52,
    marginBottom: 36,
    x: { label: 'part of the network', domain: [0, sensitivity.length], ticks: [] },
    y: { type: 'log', label: 'mean change', domain: [floor, largest * 1.3], grid: true, ticks: 4, tickFormat: '.0e' },
    marks: [
      ...blockMarks(
        sensitivity.map(({ name }) => name),
        width,
      ),
      Plot.rect(bars, {
        x1: ({ index }: Bar) => index + 0.12,
        x2: ({ index }: Bar) => index + 0.88,
        y1: floor,
        y2: 'value',
        fill: inkOf,
        title: width === 'wide' ? describe : undefined,
      }),
      Plot.dot(
        bars.filter(({ name }) => kindOf(name)),
        {
          x: ({ index }: Bar) => index + 0.5,
          y: 'value',
          r: width === 'wide' ? 2.2 : 1.2,
          fill: (bar: Bar) => (kindOf(bar.name) === 'weight' ? inkOf(bar) : 'var(--paper)'),
          stroke: inkOf,
        },
      ),
    ],
  });
}
