import { drawSensitivity, MARKS_TEXT } from './charts/sensitivity.js';
import { formatCount, formatOverhead } from './format.js';
import { changedShareOf, GROUPS, type SplitSummary } from '../select/split-summary.js';
import { svgFile } from './svg-file.js';
import { GROUP_NAMES } from './text.js';

/**
 * Sensitivity of each item at a level as an SVG file of its own; what was chosen is coloured.
 *
 * @source Xie and Kim 2020, Fig. 5
 */
export function sensitivitySvg(split: SplitSummary): string {
  const changed = formatOverhead(100 * changedShareOf(split));
  const title = `Sensitivity at ${split.level}: ${formatCount(split.size)} parameters chosen, ${changed} of all changed by more than 2e-4`;
  const groups = GROUPS.map((group) => ({ color: `var(--${group})`, text: GROUP_NAMES[group] }));
  const legend = [...groups, { color: 'var(--rest)', text: 'not chosen' }];
  return svgFile({ title, legend, note: MARKS_TEXT }, [drawSensitivity(split, 'wide')]);
}
