import * as tf from '@tensorflow/tfjs';

/** One op of TensorFlow.js: what to call, and on what. */
export interface OpCase {
  name: string;
  inputs: () => tf.Tensor[];
  run: (...inputs: never[]) => tf.Tensor | tf.Tensor[];
  /** Whether its gradient is compiled, too. */
  differentiable: boolean;
}

let seed = 0;
/** Uniform in `[low, high)`, another each time. */
export const uniform = (shape: number[], low = -2, high = 2): tf.Tensor =>
  tf.randomUniform(shape, low, high, 'float32', ++seed);
export const image = (size = 6): tf.Tensor => uniform([2, size, size + 1, 3]);
export const integers = (shape: number[], high: number): tf.Tensor => tf.randomUniform(shape, 0, high, 'int32', ++seed);
export const bools = (shape: number[]): tf.Tensor => tf.greater(uniform(shape), 0);

type Run<T extends tf.Tensor[]> = (...inputs: T) => tf.Tensor | tf.Tensor[];

/** A list of cases, and what adds to it. */
export function opCases() {
  const cases: OpCase[] = [];
  function add<T extends tf.Tensor[]>(
    name: string,
    inputs: () => tf.Tensor[],
    run: Run<T>,
    differentiable = true,
  ): void {
    cases.push({ name, inputs, run: run as unknown as OpCase['run'], differentiable });
  }
  /** An op without a gradient, or on inputs that have none. */
  function addFixed<T extends tf.Tensor[]>(name: string, inputs: () => tf.Tensor[], run: Run<T>): void {
    add(name, inputs, run, false);
  }
  return { cases, add, addFixed };
}
