import { toCocoBoxes } from '../detect/boxes.js';
import type { Detections } from '../detect/instances.js';
import { scaleBoxes } from '../detect/transform.js';
import type { Dataset } from '../data/dataset.js';
import type { CheckpointConfig } from '../models/checkpoint-config.js';
import type { Network } from '../models/network.js';
import type { Collated } from '../tasks/arrays.js';
import { taskNamed, taskOf } from '../tasks/registry.js';
import type { Metric, Task } from '../tasks/task.js';
import type { EvaluateOptions } from './evaluate.js';
import type { FrameSize, Predictor } from './predictor.js';

/** A network with what answers for it. */
export type Run = Pick<EvaluateOptions, 'network' | 'predictor'>;

/**
 * Score from which on boxes count: average precision is of all of them, the unlikely ones too, not of those alone that are shown.
 *
 * @source ultralytics, `engine/validator.py`: `conf` of 0.001
 */
const LEAST = 0.001;

type Config = Pick<CheckpointConfig, 'task' | 'ignore' | 'classes' | 'onnx'>;
type Labelled = Pick<Dataset, 'targets' | 'classes'>;

/**
 * Whether a detector that is known by its head is to find objects that are labelled: it is compared by its boxes then, as a network of the task
 * `detection` is.
 */
export function findsLabelled({ onnx }: Config, { targets }: Labelled): boolean {
  return onnx?.head !== undefined && (targets.name === 'detection' || targets.name === 'instances');
}

/** What scores a checkpoint on data: the metric of its task, or that of boxes where {@link findsLabelled}. */
export function metricOn(config: Config, dataset: Labelled): Metric {
  return findsLabelled(config, dataset)
    ? taskNamed('detection', config.ignore).metric(dataset.classes.length)
    : taskOf(config).metric(config.classes.length);
}

/**
 * A detector that is known by its head, as one whose answers are objects of a dataset's classes.
 *
 * Classes are the network's of the same names where it has all of the dataset's, what else it finds is left out; else those of the same numbers.
 *
 * @returns `undefined` where the data are none to find objects in
 */
export function asDetector({ network, predictor }: Run, config: Config, dataset: Labelled): Run | undefined {
  if (!network.detect || !findsLabelled(config, dataset)) return undefined;
  const own = new Map(config.classes.map(({ name }, id) => [name, id]));
  const named = dataset.classes.map(({ name }) => own.get(name));
  const isNamed = named.every((id) => id !== undefined);
  const ids = new Map(named.map((id, i) => [isNamed ? id! : i, i]));
  const classes = isNamed ? named.length : network.spec.classes;
  const seenAs: Network = Object.create(network, {
    task: { value: 'detection' },
    spec: { value: { ...network.spec, classes } },
  }) as Network;
  const task = taskNamed('detection', config.ignore) as Task<unknown, Detections>;
  const objectsIn = (outputs: readonly unknown[], frame: FrameSize, size: FrameSize): Detections[] =>
    outputs.map((one) => objectsOf(network.detect!(one as Collated, frame, LEAST), ids, frame, size));
  const boxes: Predictor<Detections> = {
    task,
    predict: (frames, size = frames) => objectsIn(predictor.predict(frames), frames, size),
    *predictInRuns(frames, size = frames) {
      return objectsIn(yield* predictor.predictInRuns(frames), frames, size);
    },
    dispose: () => predictor.dispose(),
  };
  return { network: seenAs, predictor: boxes };
}

/** Boxes of the dataset's classes, in pixels of its pictures, which may have come smaller. */
function objectsOf(
  { boxes, scores, classes }: ReturnType<NonNullable<Network['detect']>>,
  ids: ReadonlyMap<number, number>,
  frame: FrameSize,
  { width, height }: FrameSize,
): Detections {
  const rows = [...classes.keys()].filter((i) => ids.has(classes[i]!));
  const corners = Float32Array.from(rows.flatMap((i) => [...boxes.subarray(4 * i, 4 * i + 4)]));
  return {
    ...{ width, height },
    boxes: toCocoBoxes(scaleBoxes(corners, frame, { width, height })),
    scores: Float64Array.from(rows, (i) => scores[i]!),
    classes: Int32Array.from(rows, (i) => ids.get(classes[i]!)!),
  };
}
