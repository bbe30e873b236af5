import * as tf from '@tensorflow/tfjs';
import { tidyValues } from '../../../src/engine/tidy-values.js';
import type { TaskName } from '../../../src/tasks/names.js';
import type { Task } from '../../../src/tasks/task.js';
import { centralDifferences, sample } from '../../ops/support/differences.js';
import { HEIGHT, members, type Outputs, WIDTH } from './members.js';

export const SIZE = { height: HEIGHT, width: WIDTH };

/** Of outputs for one image, by name. */
type Shapes = Record<string, number[]>;

/** Outputs of a batch as tensors. */
export function tensorsFor(
  name: TaskName,
  outputs: Outputs,
  shapes: Shapes = members[name].outputs,
): tf.NamedTensorMap {
  return Object.fromEntries(
    Object.entries(shapes).map(([output, shape]) => {
      const data = Float32Array.from(outputs[output]!);
      return [output, tf.tensor(data, [data.length / sizeOf(shape), ...shape])];
    }),
  );
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

/** Reproducible outputs of a batch. */
export function sampledOutputs(
  name: TaskName,
  batch: number,
  seed: number,
  outputs: Shapes = members[name].outputs,
): Outputs {
  return Object.fromEntries(Object.entries(outputs).map(([output, shape], i) => [output, sample(batch * sizeOf(shape), seed + i)])); // prettier-ignore
}

export function answersTo(task: Task, outputs: Outputs): unknown[] {
  return tidyValues(() => {
    const values = Object.entries(task.answer(tensorsFor(task.name, outputs))).map(([output, tensor]) => {
      const data = tensor.dataSync() as Float32Array | Int32Array;
      return [output, { dtype: tensor.dtype as 'int32', shape: tensor.shape, data }] as const;
    });
    return task.decode(Object.fromEntries(values), SIZE);
  });
}

/** The gradient by each output, by finite differences. */
export function differences(f: (outputs: Outputs) => number, at: Outputs): Outputs {
  return Object.fromEntries(
    Object.entries(at).map(([output, values]) => [
      output,
      centralDifferences((moved) => f({ ...at, [output]: moved }), values),
    ]),
  );
}
