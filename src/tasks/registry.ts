import { fail } from '../common/errors.js';
import type { HeadConfig, NetworkHead } from '../detect/heads/decode.js';
import type { Size } from '../image/resize.js';
import { classificationTask } from './classification/task.js';
import { detectionTask } from './detection/task.js';
import { featuresTask } from './features/task.js';
import { foregroundTask } from './foreground/task.js';
import { instancesTask } from './instances/task.js';
import { TASK_NAMES, type TaskName } from './names.js';
import { segmentationTask } from './segmentation/task.js';
import type { Task } from './task.js';

/** Every task: one line each. */
const TASKS: Record<TaskName, (ignore: number, head?: NetworkHead) => Task> = {
  classification: classificationTask,
  detection: detectionTask,
  features: (_, head) => featuresTask(head),
  foreground: foregroundTask,
  instances: instancesTask,
  segmentation: segmentationTask,
};

/**
 * A task by its name.
 *
 * @param ignore the label that counts nowhere; -1 where every one counts
 * @param head how boxes are read from what a network puts out, where it is a detector that is known
 * @throws E_USAGE for a name that is none of {@link TASK_NAMES}
 */
export function taskNamed(name: string, ignore: number, head?: NetworkHead): Task {
  if (Object.hasOwn(TASKS, name)) return TASKS[name as TaskName](ignore, head);
  return fail('E_USAGE', { where: 'task', expected: `one of ${TASK_NAMES.join(', ')}`, got: `"${name}"` });
}

/** What a checkpoint says of its task. */
export interface TaskConfig {
  task?: TaskName;
  ignore: number;
  onnx?: { head?: HeadConfig; input: { size?: Size } };
}

/** The task of a checkpoint. One that says none is of before there were others. */
export function taskOf({ task = 'segmentation', ignore, onnx }: TaskConfig): Task {
  return taskNamed(task, ignore, onnx?.head && { ...onnx.head, size: onnx.input.size });
}
