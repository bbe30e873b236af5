import { fail } from '../common/errors.js';
import { classificationTask } from './classification/task.js';
import { detectionTask } from './detection/task.js';
import { featuresTask } from './features/task.js';
import { foregroundTask } from './foreground/task.js';
import { instancesTask } from './instances/task.js';
import { TASK_NAMES, type TaskName } from './names.js';
import { segmentationTask } from './segmentation/task.js';
import type { Task } from './task.js';

/** Every task: one line each. */
const TASKS: Record<TaskName, (ignore: number) => Task> = {
  classification: classificationTask,
  detection: detectionTask,
  features: featuresTask,
  foreground: foregroundTask,
  instances: instancesTask,
  segmentation: segmentationTask,
};

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

/** The task of a checkpoint. One that says none is of before there were others. */
export function taskOf({ task = 'segmentation', ignore }: { task?: TaskName; ignore: number }): Task {
  return taskNamed(task, ignore);
}
