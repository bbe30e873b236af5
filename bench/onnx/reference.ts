import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { decodeSafetensors, toFloat32, type SafeTensor } from '../../src/models/safetensors.js';

/** Values by name, as another program computed them. */
export type Values = Map<string, { shape: number[]; data: Float32Array }>;

/** What bench/onnx/reference.py wrote beside an ONNX file. */
export interface Reference {
  inputs: Values;
  /** By onnxruntime. */
  outputs: Values;
  /** Of the mean square of all outputs with respect to weights, by PyTorch; empty for most files. */
  gradients: Values;
}

/** Reads the reference of an ONNX file: the `.safetensors` of its name. */
export function readReference(onnx: string): Reference {
  const path = onnx.replace(/\.onnx$/, '.safetensors');
  const { tensors } = decodeSafetensors(readFileSync(path), path);
  const named = (prefix: string): Values =>
    new Map(
      [...tensors]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, tensor]: [string, SafeTensor]) => [
          name.slice(prefix.length),
          { shape: tensor.shape, data: toFloat32(tensor) },
        ]),
    );
  return { inputs: named('input.'), outputs: named('output.'), gradients: named('gradient.') };
}

/** Tensors of values by name, the caller's. */
export function toTensors(values: Values): Record<string, tf.Tensor> {
  return Object.fromEntries([...values].map(([name, { shape, data }]) => [name, tf.tensor(data, shape)]));
}

/** Largest difference of two arrays as a part of the largest value of the second; Infinity where one is not a number or sizes differ. */
export function difference(values: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (values.length !== expected.length) return Infinity;
  let largest = 0;
  let apart = 0;
  for (let i = 0; i < expected.length; i++) {
    const distance = Math.abs(values[i]! - expected[i]!);
    if (Number.isNaN(distance)) return Infinity;
    apart = Math.max(apart, distance);
    largest = Math.max(largest, Math.abs(expected[i]!));
  }
  return apart === 0 ? 0 : apart / largest;
}
