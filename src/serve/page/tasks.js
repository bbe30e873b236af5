import { compareClasses, drawClasses } from './classes.js';
import { compareMasks, drawMasks } from './masks.js';

/**
 * What the page does with the answers of a task's networks. What of the page belongs to one task alone says so: `data-task`.
 *
 * @typedef {object} TaskView
 * @property {string} route where its networks answer
 * @property {(answer: import('./networks.js').Answer, reference: import('./networks.js').Answer) => import('./round.js').Score} compare
 *   how far an answer is that of the clean image
 * @property {(round: import('./round.js').Round, view: import('./masks.js').View) => void} draw
 */

/** @type {Readonly<Record<import('./networks.js').TaskName, TaskView>>} */
export const TASKS = {
  segmentation: { route: '/v1/segment', compare: compareMasks, draw: drawMasks },
  classification: { route: '/v1/predict', compare: compareClasses, draw: drawClasses },
};

/**
 * Shows what belongs to a task, and hides what belongs to others.
 *
 * @param {import('./networks.js').TaskName} task
 */
export function showTask(task) {
  for (const element of document.querySelectorAll('[data-task]')) {
    if (element instanceof HTMLElement) element.hidden = element.dataset['task'] !== task;
  }
}
