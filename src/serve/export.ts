import tf from '../common/tf.cjs';
import type { CalibrationUse } from '../adaptor/serving.js';
import { CLEAN } from '../distort/level.js';
import type { Precision } from '../engine/precision.js';
import { writeSavedModel } from '../engine/saved-model.js';
import { FILL } from '../eval/predictor.js';
import { loadCheckpoint, networkOf } from '../models/checkpoint.js';
import { toTensorflow } from '../models/layout.js';
import type { InputSpec, Network, Parameter } from '../models/network.js';
import type { StateDict } from '../models/state-dict.js';
import { requireNetworkFor } from '../models/task.js';
import { taskOf } from '../tasks/registry.js';
import { pasteTensors } from '../tasks/detection/paste-tensors.js';
import type { PackedArray, Task } from '../tasks/task.js';
import { fitTensor } from './fit-tensor.js';
import { mergedLevels } from './merged-levels.js';

export interface ExportOptions {
  /** Folder of the base. */
  checkpoint: string;
  /** Folder of adaptors; the base alone without. */
  adaptors?: string;
  /** Folder to make. */
  out: string;
  /** Height and width of the frames. */
  size: readonly [height: number, width: number];
  /** Frames per run. Default: 1. */
  batch?: number;
  precision?: Precision;
  /** Whether adaptors serve as the folder's calibration says. Default: `known`. */
  calibration?: CalibrationUse;
  /** Is told which adaptors were not calibrated, or have changed since. */
  warn?: (message: string) => void;
}

/** What was written. */
export interface ExportedModel {
  /** Values of the input `level`; `clean`, the base, is the first, and what any other text means. */
  levels: string[];
  image: [batch: number, height: number, width: number, channels: 3];
  /** What answers: `mask`, or `probabilities`; of a detector the first of the outputs. */
  output: PackedArray;
  /** All outputs: of a detector `boxes`, `labels`, `scores` and `masks`. */
  outputs: PackedArray[];
}

/**
 * Writes a base with all its adaptors inside as one standard SavedModel: inputs `image` uint8 `[batch, height, width, 3]` and `level` text
 * `[1]`, and the output of the network's task: `mask` uint8 `[batch, height, width]`, or `probabilities` float32 `[batch, classes]`; of a detector
 * what torchvision's put out, with room for 100 objects of each frame: `boxes` float32 `[batch, 100, 4]`, `labels` int32 and `scores` float32
 * `[batch, 100]`, and `masks` float32 `[batch, 100, height, width]`, 0..1. A label below 0 says that there is no object.
 *
 * @throws E_CHECKPOINT, E_ADAPTOR, E_ADAPTOR_BASE_MISMATCH; E_USAGE where another engine than tensorflow runs
 */
export async function exportSavedModel(options: ExportOptions): Promise<ExportedModel> {
  const { size, batch = 1, out, precision } = options;
  const [height, width] = size;
  const base = await loadCheckpoint(options.checkpoint);
  const served = options.adaptors === undefined ? [] : await mergedLevels(options.adaptors, base, options);
  const levels = [CLEAN.text, ...served.map(({ level }) => level)];
  const network = networkOf(base);
  const changes = served.map(({ state }) => state);
  const replaced = new Set(changes.flatMap((state) => [...state.keys()]));
  const items = network.parameters.filter(({ name }) => replaced.has(name));
  const stacks = items.map((parameter) => stackOf(parameter, changes));
  const isReplaced = new Set(items.map(({ variable }) => variable));
  const task = taskOf(base.config);
  const packs = network.openSampler ? task.packs(network) : task.packs(network).slice(0, 1);
  const shapes = new Map<string, number[]>();
  const predict = (images: tf.Tensor, level: tf.Tensor): tf.NamedTensorMap => {
    items.forEach(({ variable }, i) => {
      variable.assign(tf.reshape(tf.gather(stacks[i]!, level), variable.shape));
    });
    const answers = answersTo(images as tf.Tensor4D, network, task);
    for (const [name, { shape }] of Object.entries(answers)) shapes.set(name, shape);
    return answers;
  };
  const example = tf.zeros([batch, height, width, 3], 'int32');
  const position = tf.zeros([1], 'int32');
  try {
    requireNetworkFor(task, network);
    writeSavedModel(
      out,
      predict as (...inputs: tf.Tensor[]) => tf.NamedTensorMap,
      { image: { example, bytes: true }, level: { example: position, oneOf: levels } },
      Object.fromEntries(packs.map(({ name, datatype }) => [name, { bytes: datatype === 'UINT8' }])),
      { fold: (variable) => !isReplaced.has(variable), constants: stacks, precision },
    );
  } finally {
    tf.dispose([example, position, ...stacks]);
    network.dispose();
  }
  // Masks lie in their picture here, and are run lengths elsewhere.
  const outputs = packs.map(({ name, datatype }): PackedArray => {
    return { name, datatype: name === 'masks' ? 'FP32' : datatype, shape: shapes.get(name)! };
  });
  return { levels, image: [batch, height, width, 3], output: outputs[0]!, outputs };
}

/** What a network says of frames, in their size. */
function answersTo(images: tf.Tensor4D, network: Network, task: Task): tf.NamedTensorMap {
  const [batch, height, width] = images.shape;
  if (network.prepare) {
    const { images: seen, given } = network.prepare(images);
    const found = network.forward(seen, undefined, given);
    const { boxes, labels, masks } = found;
    const pasted = pasteTensors(masks as tf.Tensor4D, boxes as tf.Tensor3D, { height, width });
    const isObject = tf.cast(tf.greaterEqual(labels!, tf.scalar(0, 'int32')), 'float32');
    return { ...found, masks: tf.mul(pasted, tf.reshape(isObject, [...labels!.shape, 1, 1])) };
  }
  const answers = task.answer(network.forward(prepared(images, network.input)));
  if (network.task === 'classification') return answers;
  return Object.fromEntries(
    Object.entries(answers).map(([name, answer]) => [name, tf.slice(answer, [0, 0, 0], [batch, height, width])]),
  );
}

/** One tensor of the base and under every adaptor, `[levels, ...]`; an adaptor that leaves it has the base's. */
function stackOf(parameter: Parameter, changes: readonly StateDict[]): tf.Tensor {
  const { name, variable: base } = parameter;
  return tf.tidy(() =>
    tf.stack([
      base,
      ...changes.map((state) => {
        const own = state.get(name);
        return own ? tf.tensor(toTensorflow(own.data, parameter), base.shape) : base;
      }),
    ]),
  );
}

/** As the predictor does it: at the network's own size, or filled up to a multiple of its stride at the right and the bottom. */
function prepared(images: tf.Tensor4D, { stride, preprocessing: { fit } }: InputSpec): tf.Tensor4D {
  if (fit) return fitTensor(images, fit);
  const [, height, width] = images.shape;
  const [below, beside] = [height, width].map((side) => (stride - (side % stride)) % stride) as [number, number];
  if (below === 0 && beside === 0) return images;
  const fill = tf.tensor1d([...FILL], 'int32');
  const sides: [[number, number], [number, number], [number, number], [number, number]] = [
    [0, 0],
    [0, below],
    [0, beside],
    [0, 0],
  ];
  return tf.add(tf.pad4d(tf.sub(images, fill), sides), fill);
}
