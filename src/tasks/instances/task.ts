import type { Detections, Instances } from '../../detect/instances.js';
import type { DetectionCounts } from '../detection/metric.js';
import { detectionTask, objectTask } from '../detection/task.js';
import type { Task } from '../task.js';

/** Boxes around objects, what they are and the pixels that belong to each, compared by COCO's average precision of masks. */
export function instancesTask(): Task<Instances, Detections, DetectionCounts> {
  const arrays = detectionTask().packs({ spec: { classes: 0 } });
  return objectTask(
    'instances',
    ['bbox', 'segm'],
    [...arrays, { name: 'masks', datatype: 'INT32', shape: [1, -1, -1] }],
  );
}
