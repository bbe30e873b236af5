import { compareBoxes, drawBoxes } from './boxes.js';
import { compareClasses, drawClasses } from './classes.js';
import { compareFeatures, drawFeatures } from './features.js';
import { compareForeground, drawForeground } from './foreground.js';
import { compareMasks, drawMasks } from './masks.js';

/** @typedef {import('./networks.js').Network} Network */
/** @typedef {'segmentation' | 'classification' | 'foreground' | 'boxes' | 'features'} ViewName */

/**
 * What the page does with the answers of networks of a kind. What of the page belongs to some kinds alone says so: `data-task`.
 *
 * @typedef {object} TaskView
 * @property {string} route where its networks answer
 * @property {(answer: import('./networks.js').Answer, reference: import('./networks.js').Answer) => import('./round.js').Score} compare
 *   how far an answer is that of the clean image
 * @property {(round: import('./round.js').Round, view: import('./masks.js').View) => void} draw
 */

/** @type {Readonly<Record<ViewName, TaskView>>} */
const VIEWS = {
  segmentation: { route: '/v1/segment', compare: compareMasks, draw: drawMasks },
  classification: { route: '/v1/predict', compare: compareClasses, draw: drawClasses },
  foreground: { route: '/v1/segment', compare: compareForeground, draw: drawForeground },
  boxes: { route: '/v1/predict', compare: compareBoxes, draw: drawBoxes },
  features: { route: '/v1/predict', compare: compareFeatures, draw: drawFeatures },
};

/**
 * @param {Network} network
 * @returns {TaskView}
 */
export function viewOf(network) {
  return VIEWS[nameOf(network)];
}

/**
 * Shows what belongs to a network's kind, and hides what belongs to others.
 *
 * @param {Network} network
 */
export function showTask(network) {
  const name = nameOf(network);
  for (const element of document.querySelectorAll('[data-task]')) {
    if (element instanceof HTMLElement) element.hidden = !element.dataset['task']?.split(' ').includes(name);
  }
}

/**
 * @param {Network} network
 * @returns {ViewName}
 */
function nameOf({ task, head }) {
  if (head !== undefined || task === 'detection' || task === 'instances') return 'boxes';
  return task;
}
