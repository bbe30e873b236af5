import type { Item } from '../select/item.js';
import type { Split } from '../select/split.js';
import { drawSensitivity } from './charts/sensitivity.js';
import { formatCount } from './format.js';
import { GROUPS } from './results.js';
import { summarizeSplit } from './split-summary.js';
import { svgFile } from './svg-file.js';
import { GROUP_NAMES } from './text.js';

/**
 * Sensitivity of each item of a split as an SVG file of its own, on white; what was chosen is coloured.
 *
 * @param items every item that the split was chosen from
 * @source Xie and Kim 2020, Fig. 5
 */
export function sensitivitySvg(split: Split, items: readonly Item[]): string {
  const title = `Sensitivity at ${split.level}: ${formatCount(split.size)} of ${formatCount(split.total)} parameters chosen`;
  const groups = GROUPS.map((group) => ({ color: `var(--${group})`, text: GROUP_NAMES[group] }));
  const legend = [...groups, { color: 'var(--rest)', text: 'not chosen' }];
  return svgFile(title, legend, drawSensitivity(summarizeSplit(split, items), 'wide'));
}
