import tf from '../../common/tf.cjs';
import type { PackedArray } from '../../tasks/task.js';
import type { OnnxInput } from './config.js';
import type { Graph } from './model.js';
import { engineType } from './value.js';

/** How outputs whose shapes a file does not say are tried. */
export interface Trial {
  input: Pick<OnnxInput, 'size' | 'stride'>;
  /** Outputs by name for pictures `[1, height, width, 3]`. */
  run(images: tf.Tensor4D): tf.NamedTensorMap;
}

/**
 * Outputs as servers describe them: names, types and sizes of one picture, -1 where a size depends on it. Where the file does not say how many axes
 * an output has, two black pictures of different sizes tell, or one of the only size.
 */
export function describeOutputs({ outputs, valueInfo }: Graph, names: readonly string[], trial: Trial): PackedArray[] {
  const infos = names.map((name) => [...outputs, ...valueInfo].find((one) => one.name === name));
  const tried = infos.every((info) => info?.shape) ? {} : triedShapes(trial);
  return names.map((name, i) => {
    const isFloat = engineType(infos[i]?.type ?? 'float32') === 'float32';
    const shape = (infos[i]?.shape ?? tried[name]!).map((side, axis) =>
      axis === 0 ? 1 : typeof side === 'string' ? -1 : side,
    );
    return { name, datatype: isFloat ? 'FP32' : 'INT32', shape };
  });
}

function triedShapes({ input: { size, stride }, run }: Trial): Record<string, number[]> {
  const at = (height: number, width: number): Record<string, number[]> =>
    tf.tidy(() => {
      const made = run(tf.zeros<tf.Rank.R4>([1, height, width, 3]));
      return Object.fromEntries(Object.entries(made).map(([name, { shape }]) => [name, shape])) as never;
    });
  if (size) return at(size.height, size.width);
  const [first, second] = [at(2 * stride, 3 * stride), at(3 * stride, 4 * stride)];
  return Object.fromEntries(
    Object.entries(first).map(([name, shape]) => [
      name,
      shape.map((side, axis) => (side === second[name]![axis] ? side : -1)),
    ]),
  );
}
