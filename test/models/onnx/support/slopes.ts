import * as tf from '@tensorflow/tfjs';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { tidyValues } from '../../../../src/engine/tidy-values.js';
import { Random } from '../../../../src/common/random.js';
import { OnnxGraph } from '../../../../src/models/onnx/graph.js';
import { Value } from '../../../../src/models/onnx/value.js';
import { readValue, type BackendCase } from './cases.js';

/** How a case's result changes along a direction of one of its inputs. */
export interface Slope {
  input: string;
  /** By the gradient. */
  analytic: number;
  /** By central differences with two steps. */
  numeric: [number, number];
  /** What the two are compared with: the sum without its signs, as parts may cancel. */
  scale: number;
}

/**
 * Slopes of a random sum of a case's outputs, for each input of floats through which a gradient flows. Inputs are moved a little at random, away
 * from the places where tests like their numbers to be: whole ones, equal ones, zeros.
 */
export function slopesOf({ folder, model }: BackendCase): Slope[] {
  const graph = new OnnxGraph(model!);
  const random = new Random(7);
  const given = model!.graph.inputs.flatMap(({ name }, i) => {
    const path = join(folder, `test_data_set_0/input_${i}.pb`);
    return existsSync(path) ? [{ name, value: readValue(path) }] : [];
  });
  // Scales and regions of resizes are read when the graph is built.
  const isRead = (name: string): boolean => name === 'scales' || name === 'roi';
  const floats = given.filter(({ name, value }) => value.isFloat && value.size > 0 && !isRead(name));
  if (floats.some(({ value }) => !value.numbers().every(Number.isFinite))) return [];
  return tidyValues(() => {
    const points = floats.map(({ value: { shape, size }, value }) => {
      const moved = Float32Array.from(value.data(), (x) => x + (size > 1 ? 0.13 * (random.next() - 0.4) : 0));
      return tf.tensor(moved, [...shape]);
    });
    const weights = new Map<string, tf.Tensor>();
    const draw = (shape: readonly number[], size: number): tf.Tensor =>
      tf.tensor(Float32Array.from({ length: size }, () => random.next() - 0.5), [...shape]); // prettier-ignore
    const sum = (at: tf.Tensor[]): tf.Scalar => {
      const values = given.map(({ name, value }) => {
        const place = floats.findIndex((one) => one.name === name);
        return [name, place < 0 ? value : Value.of(value.type, at[place]!)] as const;
      });
      const outputs = [...graph.run(new Map(values))].filter(([, value]) => value.isFloat);
      const terms = outputs.map(([name, value]) => tf.sum(tf.mul(weights.get(name)!, value.tensor())));
      return tf.addN([tf.scalar(0), ...terms]) as tf.Scalar;
    };
    for (const [name, { shape, size }] of graph.run(new Map(given.map(({ name, value }) => [name, value]))))
      weights.set(name, draw(shape, size));
    return points.flatMap((point, k): Slope[] => {
      const along = (x: tf.Tensor): tf.Scalar => sum(points.map((one, i) => (i === k ? x : one)));
      const gradient = gradientOf(along, point);
      if (!gradient) return [];
      const direction = draw(point.shape, point.size);
      const at = (step: number): number => along(tf.add(point, tf.mul(direction, step))).dataSync()[0]!;
      const parts = tf.mul(gradient, direction);
      return [
        {
          input: floats[k]!.name,
          analytic: tf.sum(parts).dataSync()[0]!,
          numeric: [0.01, 0.005].map((step) => (at(step) - at(-step)) / (2 * step)) as [number, number],
          scale: Math.max(1e-2, 0.1 * tf.sum(tf.abs(parts)).dataSync()[0]!),
        },
      ];
    });
  });
}

/** Undefined where no gradient flows: through sizes, limits and whatever jumps. */
function gradientOf(compute: (x: tf.Tensor) => tf.Scalar, x: tf.Tensor): tf.Tensor | undefined {
  try {
    return tf.grad(compute)(x);
  } catch (error) {
    if ((error as Error).message.startsWith('Cannot compute gradient of y=f(x)')) return undefined;
    throw error;
  }
}
