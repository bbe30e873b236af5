import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

/** Colours of series as the page's style sheet defines them, so that charts follow its light and dark scheme. */
export const INK = {
  statistics: 'var(--statistics)',
  normalization: 'var(--normalization)',
  convolution: 'var(--convolution)',
  rest: 'var(--rest)',
  faint: 'var(--faint)',
  muted: 'var(--muted)',
} as const;

/** Widths that every chart is drawn in: for a desk, and for a phone, where a scaled-down picture could not be read. */
export const WIDTHS = { wide: 880, narrow: 360 } as const;
export type Width = keyof typeof WIDTHS;

/**
 * A plot as SVG text, without a browser.
 *
 * @param label what it shows, for readers who cannot see it
 */
export function drawSvg(label: string, options: Plot.PlotOptions): string {
  const { document } = parseHTML('<html><body></body></html>');
  const plot = Plot.plot({
    ...options,
    document,
    ariaLabel: label,
    style: { background: 'none', fontSize: '12px', overflow: 'visible' },
  });
  plot.setAttribute('role', 'img');
  return shortenNumbers(plot.outerHTML);
}

/** A tenth of a pixel is enough: long fractions in attributes would be most of the file. */
function shortenNumbers(svg: string): string {
  return svg.replace(/ (x|y|x1|x2|y1|y2|cx|cy|width|height|d|transform)="[^"]*"/g, (attribute) =>
    attribute.replace(/-?\d+\.\d{2,}/g, (number) => String(Number(Number(number).toFixed(1)))),
  );
}
