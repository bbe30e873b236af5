import { fail } from '../common/errors.js';
import { segmentationTask } from './segmentation/task.js';
import type { Task } from './task.js';

/** Every task: one line each. */
const TASKS = {
  segmentation: segmentationTask,
};

export type TaskName = keyof typeof TASKS;

export const TASK_NAMES = Object.keys(TASKS) as TaskName[];

/**
 * A task by its name.
 *
 * @param ignore the label that counts nowhere; -1 where every one counts
 * @throws E_USAGE for a name that is none of {@link TASK_NAMES}
 */
export function taskNamed(name: string, ignore: number): Task {
  if (Object.hasOwn(TASKS, name)) return TASKS[name as TaskName](ignore);
  return fail('E_USAGE', { where: 'task', expected: `one of ${TASK_NAMES.join(', ')}`, got: `"${name}"` });
}
