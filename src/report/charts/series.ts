import type { MethodInfo } from '../schema.js';
import { nameOf } from '../rows.js';

/** How a method's curve is told from others: by colour, and by dashes where there are more methods than colours. */
export interface Series {
  method: string;
  /** A colour of the page's style sheet. */
  color: string;
  /** Lengths of dashes and gaps; empty for a whole line. */
  dash: string;
}

/** Colours of methods that keep theirs from report to report. */
const OWN: Readonly<Record<string, string>> = { original: 'original', adaptor: 'adaptor', switching: 'switching' };

/** The other methods', in turn; then again with dashes, and with dots. */
const OTHERS = ['series-a', 'series-b', 'series-c', 'series-d', 'series-e'];
const DASHES = ['', '7 4', '2 4'];

/** One per method, in their order; no two of up to 18 are alike. */
export function seriesOf(methods: readonly MethodInfo[]): Series[] {
  let next = 0;
  return methods.map(({ name, kind }) => {
    const own = OWN[kind];
    if (own !== undefined && nameOf({ methods }, kind) === name) {
      return { method: name, color: `var(--${own})`, dash: '' };
    }
    const color = OTHERS[next % OTHERS.length]!;
    const dash = DASHES[Math.floor(next / OTHERS.length) % DASHES.length]!;
    next++;
    return { method: name, color: `var(--${color})`, dash };
  });
}
