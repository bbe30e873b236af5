import type { Detections, Instances } from '../../detect/instances.js';
import type { PackedArray, Task } from '../task.js';
import { answerOf, decodeDetections, packDetections } from './answers.js';
import type { OverlapKind } from './coco-match.js';
import { detectorDistance } from './distance.js';
import { detectorLosses } from './losses.js';
import { detectionMetric, type DetectionCounts } from './metric.js';
import type { InstanceSamples, SampledOutputs } from './samples.js';
import { instancesOf, instanceTargets, uncollateInstances } from './targets.js';

const BOX_ARRAYS: readonly PackedArray[] = [
  { name: 'boxes', datatype: 'FP32', shape: [1, -1, 4] },
  { name: 'labels', datatype: 'INT32', shape: [1, -1] },
  { name: 'scores', datatype: 'FP32', shape: [1, -1] },
];

/** Boxes around objects and what they are, compared by COCO's average precision of boxes. */
export function detectionTask(): Task<Instances, Detections, DetectionCounts> {
  return objectTask('detection', ['bbox'], BOX_ARRAYS);
}

/**
 * What tasks that find objects share.
 *
 * @param kinds what answers are compared by, the one that networks are compared by last
 */
export function objectTask(
  name: 'detection' | 'instances',
  kinds: readonly OverlapKind[],
  arrays: readonly PackedArray[],
): Task<Instances, Detections, DetectionCounts> {
  return {
    ...instanceTargets(name),
    uncollate: uncollateInstances,
    losses: (outputs, samples) =>
      detectorLosses(outputs as unknown as SampledOutputs, samples as unknown as InstanceSamples),
    distance: (answers, outputs, options) =>
      detectorDistance(answers as unknown as SampledOutputs, outputs as unknown as SampledOutputs, options),
    answer: answerOf,
    decode: decodeDetections,
    targetOf: instancesOf,
    pack: packDetections,
    packs: () => arrays,
    answerSize({ sizes }) {
      const [height, width] = sizes!.data as unknown as [number, number];
      return { height, width };
    },
    metric: (classes) => detectionMetric(classes, kinds),
  };
}
