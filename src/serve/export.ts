import * as tf from '@tensorflow/tfjs';
import type { CalibrationUse } from '../adaptor/serving.js';
import { CLEAN } from '../distort/level.js';
import type { Precision } from '../engine/precision.js';
import { writeSavedModel } from '../engine/saved-model.js';
import { FILL } from '../eval/predictor.js';
import { loadCheckpoint, networkOf } from '../models/checkpoint.js';
import { toTensorflow } from '../models/layout.js';
import type { InputSpec, Parameter } from '../models/network.js';
import type { StateDict } from '../models/state-dict.js';
import { requireNetworkFor } from '../models/task.js';
import { taskOf } from '../tasks/registry.js';
import type { PackedArray } from '../tasks/task.js';
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
  /** What answers: `mask`, or `probabilities`. */
  output: PackedArray;
}

/**
 * Writes a base with all its adaptors inside as one standard SavedModel: inputs `image` uint8 `[batch, height, width, 3]` and `level` text
 * `[1]`, and the output of the network's task: `mask` uint8 `[batch, height, width]`, or `probabilities` float32 `[batch, classes]`.
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
  const { name, datatype } = task.packs(network)[0]!;
  let shape: number[] = [];
  const predict = (images: tf.Tensor, level: tf.Tensor): tf.Tensor => {
    items.forEach(({ variable }, i) => {
      variable.assign(tf.reshape(tf.gather(stacks[i]!, level), variable.shape));
    });
    const answer = task.answer(network.forward(prepared(images as tf.Tensor4D, network.input)))[name]!;
    const whole = network.task === 'classification' ? answer : tf.slice(answer, [0, 0, 0], [batch, height, width]);
    shape = whole.shape;
    return whole;
  };
  const example = tf.zeros([batch, height, width, 3], 'int32');
  const position = tf.zeros([1], 'int32');
  try {
    requireNetworkFor(task, network);
    writeSavedModel(
      out,
      predict as (...inputs: tf.Tensor[]) => tf.Tensor,
      { image: { example, bytes: true }, level: { example: position, oneOf: levels } },
      { name, bytes: datatype === 'UINT8' },
      { fold: (variable) => !isReplaced.has(variable), constants: stacks, precision },
    );
  } finally {
    tf.dispose([example, position, ...stacks]);
    network.dispose();
  }
  const output = { name, datatype, shape };
  return { levels, image: [batch, height, width, 3], output };
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
