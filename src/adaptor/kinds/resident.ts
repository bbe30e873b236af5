import * as tf from '@tensorflow/tfjs';
import { toTensorflow } from '../../models/layout.js';
import type { Parameter } from '../../models/network.js';
import type { StateDict } from '../../models/state-dict.js';

/** An adaptor on the running engine, ready to be merged at any time. */
export interface Resident {
  /** Names of the base's tensors that it changes. */
  changes: readonly string[];
  /** Values that it holds all the time. */
  values: number;
  /** Values that merging makes beside them, for as long as they are in use. */
  merged: number;
  /**
   * What stands in the place of the base's tensors, in TensorFlow's layout: its own tensors, which stay its own, or new ones, which are the
   * caller's.
   */
  tensors(base: (name: string) => tf.Tensor): Map<string, tf.Tensor>;
  dispose(): void;
}

/** Whole tensors that take the place of a network's. */
export function residentTensors(state: StateDict, parameterOf: (name: string) => Parameter): Resident {
  const held = new Map<string, tf.Tensor>();
  for (const [name, { data }] of state) {
    const parameter = parameterOf(name);
    held.set(name, tf.tensor(toTensorflow(data, parameter), parameter.variable.shape));
  }
  return {
    changes: [...held.keys()],
    values: [...held.values()].reduce((sum, { size }) => sum + size, 0),
    merged: 0,
    tensors: () => held,
    dispose: () => tf.dispose([...held.values()]),
  };
}
